import { once } from "node:events"
import type { Socket } from "node:net"
import { cognitoAuth, type Handler, type UserHandler } from "@cognito-auth/node"
import { describe, expect, it } from "vitest"
import { recordCrashes } from "../../../testing/test/record.ts"
import { ownForge } from "../../../testing/test/sharedForge.ts"
import { type App, eventually, startApp } from "./app.ts"
import { ask, open, readToEnd, toBytes, toLines } from "./rawHttp.ts"

const forge = await ownForge()
const headers = toLines(await forge.headers())
const forged = toLines(await forge.headers({ alb: { signWith: () => Buffer.alloc(64, 7) } }))

/** What keeps the process alive: sockets and timers, by kind. */
const activeCount = (kind: string) => process.getActiveResourcesInfo().filter((each) => each === kind).length

const expectAlive = async (app: App) => expect((await ask(app.port, { headers })).status).toBe(200)

describe("a client that is cut off", () => {
  const request = toBytes({ method: "POST", headers: [...headers, ["content-length", "1000"]], body: "half of it" })
  const cuts: ReadonlyArray<readonly [string, number]> = [
    ["in the request line", 3],
    ["in a token", 500],
    ["between the headers", request.indexOf("\r\n\r\n") + 2],
    ["before its body", request.indexOf("\r\n\r\n") + 4],
    ["in its body", request.length]
  ]
  it.each(cuts)("does no harm: %s", async (_where, length) => {
    const crashes = recordCrashes()
    const app = await startApp(forge)
    await app.auth.ready()
    for (const leave of ["end", "destroy", "resetAndDestroy"] as const) {
      const client = await open(app.port)
      client.write(request.subarray(0, length))
      await eventually(() => expect(app.connections.at(-1)?.bytesRead).toBe(length))
      client[leave]()
    }
    await eventually(() => expect(app.connections.filter(({ destroyed }) => !destroyed)).toEqual([]))
    await expectAlive(app)
    expect(crashes).toEqual([])
  })

  it.each(["end", "destroy", "resetAndDestroy"] as const)(
    "while its key is fetched does no harm, and takes nobody with it: %s",
    async (leave) => {
      const crashes = recordCrashes()
      const app = await startApp(forge, { options: { keys: { preload: false } } })
      await app.keys.misbehave("slow", { delay: "100 millis" })
      const leaving = await open(app.port)
      leaving.write(toBytes({ headers }))
      await eventually(() => expect(app.keys.requests.count("alb")).toBe(1))
      leaving[leave]()
      await expectAlive(app)
      expect(app.keys.requests.count("alb")).toBe(1)
      await eventually(() => expect(app.connections.filter(({ destroyed }) => !destroyed)).toEqual([]))
      expect(crashes).toEqual([])
    }
  )
})

describe("an app that has answered before the decision was made", () => {
  it.each([
    ["would have been admitted", headers],
    ["would have been refused", forged]
  ])("keeps its answer: the user %s", async (_what, sent) => {
    const crashes = recordCrashes()
    const app = await startApp(forge, {
      options: { keys: { preload: false } },
      listener: (auth, handler) => {
        const guarded = auth.protect(handler)
        return (req, res) => {
          guarded(req, res)
          if (req.url === "/slow") res.writeHead(504, { "content-length": 0 }).end()
        }
      }
    })
    await app.keys.misbehave("slow", { delay: "100 millis" })
    expect((await ask(app.port, { target: "/slow", headers: sent })).status).toBe(504)
    expect([200, 401]).toContain((await ask(app.port, { target: "/", headers: sent })).status)
    expect(crashes).toEqual([])
  })
})

describe("a slow client", () => {
  it("is answered, be it one byte at a time", async () => {
    const app = await startApp(forge)
    const client = await open(app.port)
    client.setNoDelay(true)
    const answer = readToEnd(client)
    for (const byte of toBytes({ headers: [...headers, ["connection", "close"]] })) {
      client.write(Buffer.of(byte))
      await new Promise(setImmediate)
    }
    expect(await answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
  })

  it("keeps nobody waiting", async () => {
    const app = await startApp(forge)
    const slow = await Promise.all(Array.from({ length: 50 }, () => open(app.port)))
    for (const client of slow) client.write(toBytes({ headers }).subarray(0, 400))
    await expectAlive(app)
    for (const client of slow) client.destroy()
  })
})

describe("a server that is closed", () => {
  it("leaves nothing behind that keeps the process alive", async () => {
    const before = { sockets: activeCount("TCPSocketWrap"), servers: activeCount("TCPServerWrap"), timers: activeCount("Timeout") }
    const app = await startApp(forge, { options: { keys: { preload: false } } })
    await expectAlive(app)
    expect((await ask(app.port, {})).status).toBe(401)
    await app.keys.misbehave("500")
    await app.keys.rotate("alb")
    expect((await ask(app.port, { headers: toLines(await forge.headers()) })).status).toBe(503)
    app.server.close()
    await once(app.server, "close")
    await app.keys.close()
    await eventually(() => {
      expect(activeCount("TCPSocketWrap")).toBeLessThanOrEqual(before.sockets)
      expect(activeCount("TCPServerWrap")).toBeLessThanOrEqual(before.servers)
      expect(activeCount("Timeout")).toBeLessThanOrEqual(before.timers)
    })
  })

  it("answers what was under way, and only then closes", async () => {
    const app = await startApp(forge, { options: { keys: { preload: false } } })
    await app.keys.misbehave("slow", { delay: "100 millis" })
    const answer = ask(app.port, { headers })
    await eventually(() => expect(app.keys.requests.count("alb")).toBe(1))
    const closed = once(app.server, "close")
    app.server.close()
    expect((await answer).status).toBe(200)
    await closed
  })

  it("answers what was under way though the guard was disposed of meanwhile", async () => {
    const crashes = recordCrashes()
    const app = await startApp(forge, { options: { keys: { preload: false } } })
    await app.keys.misbehave("slow", { delay: "100 millis" })
    const answer = ask(app.port, { headers })
    await eventually(() => expect(app.keys.requests.count("alb")).toBe(1))
    await app.auth.dispose()
    const { status, headers: fields, body } = await answer
    expect([status, fields.get("retry-after"), JSON.parse(body)]).toMatchObject([503, "5", { error: "PolicyUnavailable" }])
    expect(app.served).toEqual([])
    expect(crashes).toEqual([])
  })

  it("answers a straggler that comes after the guard was disposed of", async () => {
    const crashes = recordCrashes()
    const app = await startApp(forge, { options: { keys: { preload: false } } })
    await app.auth.dispose()
    expect((await ask(app.port, { headers })).status).toBe(503)
    expect((await ask(app.port, {})).status).toBe(401)
    expect(crashes).toEqual([])
  })

  it("may be disposed of twice, and before it was ever used", async () => {
    const auth = cognitoAuth(forge.settings().options)
    await auth.dispose()
    await auth.dispose()
  })
})

describe("an event stream", () => {
  const stream =
    (closeOnExpiry?: boolean) =>
    (auth: App["auth"]): Handler => {
      const handler: UserHandler = (_req, res) => {
        res.writeHead(200, { "content-type": "text/event-stream" })
        res.write("data: hello\n\n")
      }
      return auth.protect(handler, closeOnExpiry === undefined ? {} : { closeOnExpiry })
    }
  const soon = async () => toLines(await forge.headers({ access: { claims: { exp: Math.floor(Date.now() / 1000) } } }))

  it("is cut once the session has expired, where the route says so, and only there", async () => {
    const crashes = recordCrashes()
    const open_ = async (closeOnExpiry?: boolean): Promise<Socket> => {
      const app = await startApp(forge, { listener: stream(closeOnExpiry) })
      const client = await open(app.port)
      client.write(toBytes({ headers: await soon() }))
      return client
    }
    const [cut, left, unsaid] = await Promise.all([open_(true), open_(false), open_()])
    expect(await readToEnd(cut)).toMatch(/^HTTP\/1\.1 200 OK[\s\S]*data: hello/)
    expect([left.destroyed, unsaid.destroyed]).toEqual([false, false])
    for (const client of [left, unsaid]) client.destroy()
    expect(crashes).toEqual([])
  })

  it("whose client has left holds no timer until the session expires", async () => {
    const app = await startApp(forge, { listener: stream(true) })
    await app.auth.ready()
    const timers = activeCount("Timeout")
    const clients = await Promise.all(Array.from({ length: 20 }, () => open(app.port)))
    for (const client of clients) client.write(toBytes({ headers }))
    await Promise.all(clients.map((client) => once(client, "data")))
    expect(activeCount("Timeout")).toBeGreaterThanOrEqual(20)
    for (const client of clients) client.destroy()
    await eventually(() => expect(app.connections.every(({ destroyed }) => destroyed)).toBe(true))
    await eventually(() => expect(activeCount("Timeout")).toBeLessThanOrEqual(timers))
  })

  it("whose client left while the key was fetched holds no timer either", async () => {
    const app = await startApp(forge, { options: { keys: { preload: false } }, listener: stream(true) })
    await app.keys.misbehave("slow", { delay: "100 millis" })
    const timers = activeCount("Timeout")
    const leaving = await Promise.all(Array.from({ length: 20 }, () => open(app.port)))
    for (const client of leaving) client.write(toBytes({ headers }))
    await eventually(() =>
      expect(app.connections.map(({ bytesRead }) => bytesRead)).toEqual(leaving.map(() => toBytes({ headers }).length))
    )
    for (const client of leaving) client.resetAndDestroy()
    await eventually(() => expect(app.connections.every(({ destroyed }) => destroyed)).toBe(true))
    // Their decisions are made once the next one's is, which waits for the same key.
    const next = await open(app.port)
    next.write(toBytes({ headers }))
    await once(next, "data")
    next.destroy()
    await eventually(() => expect(app.connections.every(({ destroyed }) => destroyed)).toBe(true))
    await eventually(() => expect(activeCount("Timeout")).toBeLessThanOrEqual(timers))
  })
})
