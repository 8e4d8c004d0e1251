/** One of the benchmark's own processes; told by its parent what to be, it answers with the port that it listens on. */
import { createServer, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { Policy } from "@cognito-auth/core"
import { type GatewayOptions, gateway } from "@cognito-auth/gateway"
import { bytes, event, paths } from "./answers.ts"

/** `plain`: the gateway with every path in `bypass`, which is the same proxy without authentication. */
export type Role =
  | { readonly role: "upstream" }
  | { readonly role: "gateway" | "plain"; readonly upstream: string; readonly options: Omit<GatewayOptions, "upstream"> }

/** The upstream is told to send an event to everybody who listens, so many times. */
export interface Emit {
  readonly times: number
  readonly everyMillis: number
}

const startUpstream = (): void => {
  const small = Buffer.alloc(bytes.small, "x")
  const large = Buffer.alloc(bytes.large, "x")
  const listeners = new Set<ServerResponse>()
  const server = createServer((req, res) => {
    const { pathname } = new URL(req.url ?? "", "http://upstream")
    const send = (type: string, body: Buffer) => void res.writeHead(200, { "content-type": type, "content-length": body.length }).end(body)
    if (pathname === paths.small) return send("text/plain", small)
    if (pathname === paths.large) return send("application/octet-stream", large)
    // What it is told of the user: that a proxy does its work is asked before it is measured.
    if (pathname === paths.whoAmI) return send("text/plain", Buffer.from(String(req.headers["x-forwarded-email"])))
    // The service that nginx's auth_request asks.
    if (pathname === "/auth") return void res.writeHead(204).end()
    if (pathname !== paths.events) return void res.writeHead(404).end()
    res.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" }).flushHeaders()
    listeners.add(res)
    res.once("close", () => listeners.delete(res))
  })
  server.keepAliveTimeout = 600_000
  process.on("message", ({ times, everyMillis }: Emit) => {
    let left = times
    const timer = setInterval(() => {
      for (const res of listeners) res.write(event)
      if (--left === 0) clearInterval(timer)
    }, everyMillis)
  })
  server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port))
}

const fail = (problem: unknown): never => {
  throw new Error(JSON.stringify(problem))
}

const startGateway = async ({ role, upstream, options }: Role & { readonly role: "gateway" | "plain" }): Promise<void> => {
  const { port } = await gateway({
    ...options,
    upstream,
    port: 0,
    host: "127.0.0.1",
    bypass: role === "plain" ? Object.values(paths) : [],
    policy: Policy.fromLists({ allowedGroups: ["staff"] }),
    onUpstream: fail,
    logger: false
  })
  process.send?.(port)
}

// A process that exits by itself writes its profile; and none outlives its parent.
process.once("SIGTERM", () => process.exit()).once("disconnect", () => process.exit())
process.once("message", (task: Role) => {
  if (task.role === "upstream") startUpstream()
  else void startGateway(task)
})
