import { once } from "node:events"
import { createServer, maxHeaderSize, type Server, type ServerOptions } from "node:http"
import { connect, createServer as createHttp2Server } from "node:http2"
import type { AddressInfo } from "node:net"
import { serverOptions } from "@cognito-auth/node"
import { serverOf } from "@cognito-auth/node/adapter"
import { describe, expect, it, onTestFinished } from "vitest"
import { sharedForge } from "../../../testing/test/sharedForge.ts"
import { startApp } from "./app.ts"
import { ask, toBytes, toLines } from "./rawHttp.ts"

const forge = await sharedForge()

/** The app's guard on another server than its own. */
const on = async (server: Server, listener: (...args: Parameters<Server["emit"]>) => unknown): Promise<number> => {
  server.on("request", listener as never)
  await once(server.listen(0, "127.0.0.1"), "listening")
  onTestFinished(() => {
    server.close()
    server.closeAllConnections?.()
  })
  return (server.address() as AddressInfo).port
}

/** What is logged of a server with these options, after requests that are admitted and refused. */
const logOf = async (options: ServerOptions): Promise<ReadonlyArray<string>> => {
  const app = await startApp(forge)
  const guarded = app.server.listeners("request")[0] as () => void
  const port = await on(createServer(options), guarded)
  for (const headers of [toLines(await forge.headers()), [], []]) await ask(port, { headers })
  return app.log().match(/^.*server.*$/gm) ?? []
}

describe("The server", () => {
  it("is found by the request, with its own limits or the process's", async () => {
    const found: Array<unknown> = []
    const note = (req: object, res: { end: () => void }) => {
      found.push(serverOf(req))
      res.end()
    }
    for (const server of [createServer(serverOptions), createServer()]) await ask(await on(server, note as never), {})
    expect(found).toEqual([
      { maxHeaderSize: 65_536, keepAliveTimeout: 75_000 },
      // Node documents that --max-http-header-size changes this constant.
      { maxHeaderSize, keepAliveTimeout: 5_000 }
    ])
  })

  it("gets one line in the log with Node's defaults, at the first request, and none with serverOptions", async () => {
    const [line, ...others] = await logOf({})
    expect(line).toMatch(/cognito-auth: this server .*16384 bytes.*431.*5000 ms.*502.*serverOptions/)
    expect(others).toEqual([])
    expect(await logOf(serverOptions)).toEqual([])
    expect(await logOf({ ...serverOptions, keepAliveTimeout: 0 })).toEqual([])
  })

  it("that speaks HTTP/2 has other limits, and is not judged by these", async () => {
    const app = await startApp(forge)
    const port = await on(createHttp2Server() as unknown as Server, app.server.listeners("request")[0] as () => void)
    const session = connect(`http://127.0.0.1:${port}`)
    onTestFinished(() => session.destroy())
    const [{ ":status": status }] = await once(session.request({ ":path": "/", ...(await forge.headers()) }).end(), "response")
    expect([status, app.log()]).toEqual([200, ""])
  })

  it("with serverOptions receives all that a load balancer passes: 64 KiB of headers, in lines of 16 KiB", async () => {
    const app = await startApp(forge)
    const port = await on(createServer(serverOptions), app.server.listeners("request")[0] as () => void)
    const headers = [...toLines(await forge.headers())]
    const missing = () => 65_536 - toBytes({ headers: [...headers, ["connection", "close"]] }).length
    while (missing() > 0) headers.push(["x-padding", "x".repeat(Math.max(0, Math.min(missing(), 16_384) - "x-padding: \r\n".length))])
    expect(missing()).toBe(0)
    expect((await ask(port, { headers })).status).toBe(200)
    expect((await ask(await on(createServer(), app.server.listeners("request")[0] as () => void), { headers })).status).toBe(431)
  })
})
