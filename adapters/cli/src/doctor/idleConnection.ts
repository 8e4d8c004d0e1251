/** How long a server keeps an idle connection, by holding one. */
import { Agent as HttpAgent, request as requestHttp } from "node:http"
import { Agent as HttpsAgent, request as requestHttps } from "node:https"

/** The milliseconds from an answer to when its connection was closed; more than `maxMillis` where it was not. */
export const idleMillisOf = (url: string, headers: Readonly<Record<string, string>>, maxMillis: number): Promise<number> =>
  new Promise((resolve) => {
    const isTls = url.startsWith("https:")
    const agent = isTls ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true })
    const end = (millis: number) => {
      agent.destroy()
      resolve(millis)
    }
    // Documented: called when a socket has no request any more. Node's own would close it just before the server says it does.
    agent.keepSocketAlive = (socket) => {
      const since = performance.now()
      const timer = setTimeout(() => end(maxMillis + 1000), maxMillis)
      socket.once("close", () => {
        clearTimeout(timer)
        end(performance.now() - since)
      })
      return true
    }
    const request = (isTls ? requestHttps : requestHttp)(url, { headers, agent })
    request.on("error", () => end(0))
    request.on("response", (response) => response.resume())
    request.end()
  })
