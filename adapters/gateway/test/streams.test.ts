import { createHash, randomBytes } from "node:crypto"
import { once } from "node:events"
import { type IncomingMessage, request } from "node:http"
import { describe, expect, it, onTestFinished, vi } from "vitest"
import { WebSocket } from "ws"
import { sharedForge } from "../../../testing/test/sharedForge.ts"
import { startGateway } from "./startGateway.ts"
import { startUpstream } from "./startUpstream.ts"

const forge = await sharedForge()
const soon = { timeout: 20_000, interval: 10 }

/** Asks, and takes the answer as a stream. */
const open = async (port: number, path: string, headers: Readonly<Record<string, string>>, method = "GET"): Promise<IncomingMessage> => {
  const asked = request({ port, host: "127.0.0.1", path, method, headers, agent: false }).end()
  onTestFinished(() => void asked.destroy())
  const [answer] = (await once(asked, "response")) as [IncomingMessage]
  asked.on("error", () => undefined)
  answer.on("error", () => undefined)
  return answer
}

/** Waits for the end of what may have been cut. */
const closed = (stream: { readonly once: (event: "close", listener: () => void) => unknown }): Promise<void> =>
  new Promise((resolve) => void stream.once("close", resolve))

describe("bodies", () => {
  it("go up whole, with a length and in chunks", async () => {
    const { port } = await startGateway(forge)
    const piece = randomBytes(65_536)
    const pieces = 160
    const sha256 = Array.from({ length: pieces })
      .reduce<ReturnType<typeof createHash>>((hash) => hash.update(piece), createHash("sha256"))
      .digest("hex")
    for (const framing of [{ "content-length": String(piece.length * pieces) }, {}]) {
      const asked = request({
        port,
        host: "127.0.0.1",
        path: "/upload",
        method: "POST",
        headers: { ...(await forge.headers()), ...framing }
      })
      const answered = once(asked, "response")
      for (let sent = 0; sent < pieces; sent++) if (!asked.write(piece)) await once(asked, "drain")
      asked.end()
      const [answer] = await answered
      expect(JSON.parse(Buffer.concat(await answer.toArray()).toString())).toEqual({ bytes: piece.length * pieces, sha256 })
    }
  })

  it("come down at the client's pace: what it does not read is not read from the upstream", async () => {
    const { port, upstream } = await startGateway(forge)
    const answer = await open(port, "/download?mebibytes=512", await forge.headers())
    await once(answer, "readable")
    answer.read(1)
    // Whatever was to be buffered on the way has been by the time that this many other requests are through.
    for (let i = 0; i < 50; i++) await (await fetch(`http://127.0.0.1:${port}/`, { headers: await forge.headers() })).text()
    // A few buffers of the kernel's, on both connections.
    expect(upstream.bytesSent()).toBeLessThan(64 * 1_048_576)
    answer.destroy()
    await vi.waitFor(() => expect(upstream.abandoned).toEqual(["/download?mebibytes=512"]), soon)
  })

  it("that the upstream does not want do not keep its answer back", async () => {
    const { port } = await startGateway(forge)
    const asked = request({ port, host: "127.0.0.1", path: "/refuse-upload", method: "POST", headers: await forge.headers() })
    asked.on("error", () => undefined)
    onTestFinished(() => void asked.destroy())
    asked.write(randomBytes(1_000))
    const [answer] = await once(asked, "response")
    expect([answer.statusCode, Buffer.concat(await answer.toArray()).toString()]).toEqual([413, "too large"])
  })
})

describe("event streams", () => {
  it("begin before their end, and end for the upstream when the client leaves", async () => {
    const { port, upstream } = await startGateway(forge)
    const answer = await open(port, "/events", await forge.headers())
    expect(String((await once(answer, "data"))[0])).toBe("data: first\n\n")
    answer.destroy()
    await vi.waitFor(() => expect(upstream.abandoned).toEqual(["/events"]), soon)
  })

  it("end when the session does, for both sides", async () => {
    const { port, upstream } = await startGateway(forge)
    const answer = await open(port, "/events", await forge.with({ accessLifetime: "1 second" }).headers())
    answer.resume()
    await closed(answer)
    expect(answer.complete).toBe(false)
    await vi.waitFor(() => expect(upstream.abandoned).toEqual(["/events"]), soon)
  })
})

describe("WebSockets", () => {
  it("are joined to the upstream's, and those without a user are not", async () => {
    const { port, upstream } = await startGateway(forge)
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws?x=1`, { headers: await forge.headers({ email: "ada@example.com" }) })
    onTestFinished(() => socket.terminate())
    await once(socket, "open")
    socket.send("hello")
    expect(String((await once(socket, "message"))[0])).toBe("echo hello")
    const large = randomBytes(3_000_000)
    socket.send(large)
    expect(large.equals((await once(socket, "message"))[0])).toBe(true)
    expect(upstream.seen[0]).toMatchObject({ target: "/ws?x=1", headers: { "x-forwarded-email": "ada@example.com" } })

    const refused = new WebSocket(`ws://127.0.0.1:${port}/ws`)
    const [, answer] = await once(refused, "unexpected-response")
    expect(answer.statusCode).toBe(401)
    expect(upstream.seen).toHaveLength(1)
  })

  it("that the upstream refuses are refused in its words", async () => {
    const { port } = await startGateway(forge)
    const refused = new WebSocket(`ws://127.0.0.1:${port}/refuse-upgrade`, { headers: await forge.headers() })
    const [, answer] = await once(refused, "unexpected-response")
    expect([answer.statusCode, Buffer.concat(await answer.toArray()).toString()]).toEqual([418, "no!"])
  })

  it("end when the session does, and when either side goes", async () => {
    const { port, upstream } = await startGateway(forge)
    const connect = async (headers: Record<string, string>) => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, { headers })
      socket.on("error", () => undefined)
      await once(socket, "open")
      return socket
    }
    await once(await connect(await forge.with({ accessLifetime: "1 second" }).headers()), "close")
    await vi.waitFor(() => expect(upstream.connections()).toBe(1), soon)
    const other = await connect(await forge.headers())
    await upstream.close()
    await once(other, "close")
  })
})

describe("an upstream that fails", () => {
  const answerTo = async (port: number, path: string, headers: Record<string, string> = {}) => {
    const answer = await open(port, path, { ...(await forge.headers()), ...headers })
    const body = await answer.toArray().then(
      (chunks) => Buffer.concat(chunks).toString(),
      () => "cut"
    )
    return { status: answer.statusCode, type: answer.headers["content-type"], body }
  }
  const page = { accept: "text/html", "sec-fetch-mode": "navigate" }

  it("is 502 while it is down, as a page or as a problem, and recovers by itself", async () => {
    const { port, upstream, states } = await startGateway(forge)
    expect((await answerTo(port, "/")).status).toBe(200)
    await upstream.close()
    const problem = await answerTo(port, "/")
    expect(problem).toMatchObject({ status: 502, type: "application/problem+json" })
    expect(JSON.parse(problem.body)).toMatchObject({ status: 502, title: "The app does not answer" })
    const shown = await answerTo(port, "/", page)
    expect(shown).toMatchObject({ status: 502, type: "text/html; charset=utf-8" })
    expect(shown.body).toContain("<h1>The app does not answer</h1>")
    // What is open as an upload is answered, not cut.
    const asked = request({ port, host: "127.0.0.1", path: "/upload", method: "POST", headers: await forge.headers(), agent: false })
    asked.on("error", () => undefined)
    asked.write(randomBytes(1_000_000))
    const [answer] = await once(asked, "response")
    answer.resume()
    expect(answer.statusCode).toBe(502)
    asked.destroy()

    await startUpstream(upstream.port)
    expect(await answerTo(port, "/again")).toMatchObject({ status: 200, body: "GET /again" })
    expect(states).toEqual([false, true])
  })

  it("is 504 when it is silent, and its late response is discarded", async () => {
    const { port, upstream } = await startGateway(forge, { timeout: "1500 millis" })
    expect(await answerTo(port, "/silent")).toMatchObject({ status: 504, type: "application/problem+json" })
    await vi.waitFor(() => expect(upstream.abandoned).toEqual(["/silent"]), soon)
    expect((await answerTo(port, "/")).status).toBe(200)
  })

  it("is 502 when it hangs up or talks nonsense", async () => {
    const { port } = await startGateway(forge)
    expect((await answerTo(port, "/hang-up")).status).toBe(502)
    expect((await answerTo(port, "/nonsense")).status).toBe(502)
    expect((await answerTo(port, "/")).status).toBe(200)
  })

  it("that cuts or stalls in mid-answer is seen to have done so", async () => {
    const { port } = await startGateway(forge, { timeout: "1500 millis" })
    expect(await answerTo(port, "/cut")).toMatchObject({ status: 200, body: "cut" })
    expect(await answerTo(port, "/stall")).toMatchObject({ status: 200, body: "cut" })
  })

  it("is asked again if a kept-alive connection was closed, and the request is safe to repeat", async () => {
    const { port, upstream } = await startGateway(forge)
    const askedBy = async (method: string) => {
      // Keeps a connection, or several: none of them is used for the second attempt.
      await Promise.all([answerTo(port, "/"), answerTo(port, "/")])
      const before = upstream.seen.length
      const answer = await open(port, "/hang-up", await forge.headers(), method)
      answer.resume()
      expect(answer.statusCode).toBe(502)
      return upstream.seen.length - before
    }
    expect(await askedBy("GET")).toBe(2)
    expect(await askedBy("POST")).toBe(1)
  })
})

describe("closing", () => {
  it("lets a running answer end, takes no new connections, and says that it is not ready", async () => {
    const { gateway, port } = await startGateway(forge, { shutdownTimeout: "20 seconds" })
    const answer = await open(port, "/download?mebibytes=32", await forge.headers())
    const closed = gateway.close()
    const bytes = (await answer.toArray()).reduce<number>((sum, chunk: Buffer) => sum + chunk.length, 0)
    expect(bytes).toBe(32 * 1_048_576)
    await closed
    await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow()
  })

  it("cuts what does not end in time", async () => {
    const { gateway, port } = await startGateway(forge)
    const answer = await open(port, "/events", await forge.headers())
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, { headers: await forge.headers() })
    socket.on("error", () => undefined)
    await once(socket, "open")
    answer.resume()
    await Promise.all([gateway.close(), closed(answer), closed(socket)])
  })
})
