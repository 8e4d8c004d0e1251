/** Whether the upstream responds: a request by the gateway itself, for which any HTTP response suffices. */
import type { Upstream } from "./Upstream.ts"

const longestMillis = 5_000

/** Sends a HEAD request, on a new connection. Never rejects. */
export const probe = (upstream: Upstream, target: string): Promise<boolean> =>
  new Promise((resolve) => {
    const asked = upstream.ask(
      { method: "HEAD", target: upstream.basePath + target, lines: ["host", upstream.origin.host, "user-agent", "cognito-auth-gateway"] },
      "fresh"
    )
    const done = (isUp: boolean) => {
      clearTimeout(limit)
      resolve(isUp)
      asked.destroy()
    }
    const limit = setTimeout(() => done(false), Math.min(longestMillis, upstream.timeoutMillis))
    asked
      .on("response", () => done(true))
      .on("error", () => done(false))
      .on("close", () => done(false))
      .end()
  })
