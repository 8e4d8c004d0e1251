/**
 * Bytes on a connection of their own, and what comes back: by the hundred thousand.
 *
 * @module
 */
import { Agent, createServer as createHttpServer, request as httpRequest } from "node:http"
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net"
import { makeAnswer, makeRequest, markerOf, markers } from "./grammar.ts"
import { makeRandom } from "./random.ts"

const inFlight = 96
/** A request whose rest the gateway waits for gets no answer: this long is waited for the first byte of one, and this long for more. */
const firstMillis = 1_000
const moreMillis = 40

const listen = async (server: Server): Promise<string> => {
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Does the work for each number up to the count, several at a time. */
const each = async (count: number, work: (id: number) => Promise<void>): Promise<void> => {
  let next = 0
  const worker = async () => {
    for (let id = next++; id < count; id = next++) await work(id)
  }
  await Promise.all(Array.from({ length: inFlight }, worker))
}

const foreign = (text: string, id: number): string | undefined => {
  for (const [found, owner] of text.matchAll(markers)) if (Number(owner) !== id) return found
  return undefined
}

export interface Outcome {
  readonly faults: ReadonlyArray<string>
  /** How many were answered with which status; `none`: the connection was closed, or kept waiting for more. */
  readonly statuses: Readonly<Record<string, number>>
}

const tally = () => {
  const statuses: Record<string, number> = {}
  const faults: Array<string> = []
  return {
    statuses,
    faults,
    count: (status: string) => {
      statuses[status] = (statuses[status] ?? 0) + 1
    },
    fault: (problem: string) => {
      if (faults.length < 20) faults.push(problem)
    }
  }
}

/**
 * An upstream that gives back all that it has received; each of its requests must be of one client. `forged`: the fields that no client may
 * have sent.
 */
export const openMirror = async (onMixed: (problem: string) => void, forged: RegExp | undefined) => {
  const server = createHttpServer({ maxHeaderSize: 131_072 }, (req, res) => {
    const chunks: Array<Buffer> = []
    req.on("data", (chunk: Buffer) => chunks.push(chunk))
    req.on("end", () => {
      const seen = `${req.url} ${req.rawHeaders.join(" ")} ${Buffer.concat(chunks).toString("latin1")}`
      const owners = new Set([...seen.matchAll(markers)].map(([, owner]) => owner))
      if (owners.size > 1) onMixed(`one request holds bytes of ${[...owners].join(" and ")}: ${JSON.stringify(seen.slice(0, 300))}`)
      for (const name of Object.keys(req.headers)) if (forged?.test(name.replaceAll("_", "-"))) onMixed(`${name} of a client's has arrived`)
      res.end(Buffer.from([...owners].map((owner) => markerOf(Number(owner))).join(""), "latin1"))
    })
  })
  server.keepAliveTimeout = 60_000
  return { url: await listen(server), close: () => void server.close().closeAllConnections() }
}

/** Requests that break the rules: a response holds only the sender's own bytes. */
export const fuzzRequests = async (port: number, seed: number, count: number): Promise<Outcome> => {
  const { statuses, faults, count: note, fault } = tally()
  await each(count, async (id) => {
    const bytes = makeRequest(makeRandom(seed + id), markerOf(id))
    const received = await exchange(port, bytes)
    const stray = foreign(received, id)
    if (stray !== undefined) fault(`request ${id} got ${stray}: ${JSON.stringify(received.slice(0, 300))}`)
    note(/^HTTP\/1\.1 (\d{3}) /.exec(received)?.[1] ?? (received === "" ? "none" : "garbage"))
    if (received !== "" && !received.startsWith("HTTP/1.1 ")) fault(`request ${id} got no HTTP: ${JSON.stringify(received.slice(0, 100))}`)
  })
  // A run in which most responses time out has tested nothing.
  if ((statuses["none"] ?? 0) > count / 2)
    fault(`${statuses["none"]} of ${count} requests were not answered in time: the machine is too busy`)
  return { faults, statuses }
}

const exchange = (port: number, bytes: string): Promise<string> =>
  new Promise((resolve) => {
    const socket: Socket = connect(port, "127.0.0.1", () => socket.write(bytes, "latin1"))
    let received = ""
    const done = () => {
      socket.destroy()
      resolve(received)
    }
    socket.on("data", (chunk: Buffer) => {
      received += chunk.toString("latin1")
      socket.setTimeout(moreMillis)
    })
    socket.setTimeout(firstMillis, done)
    socket.on("error", () => undefined).once("close", done)
  })

/** An upstream whose answers break the rules: each client gets its own, or a 502, or sees that it was cut. */
export const openBreaker = async (seed: number): Promise<{ readonly url: string; readonly close: () => void }> => {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    let text = ""
    socket.on("error", () => undefined).once("close", () => sockets.delete(socket))
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1")
      const id = /\r\nx-id: (\d+)\r\n(?:.*\r\n)*?\r\n$/i.exec(text)?.[1]
      if (id === undefined) return
      text = ""
      const random = makeRandom(seed + Number(id))
      const answer = makeAnswer(random, markerOf(Number(id)))
      // In one piece, and then it waits, or leaves. What nobody has asked for, and what arrives behind an answer in a piece of its own just as
      // the connection is used again, is the next answer for all that HTTP/1.1 can tell (RFC 9112 §9.2).
      socket.write(answer, "latin1")
      if (random.chance(0.7)) socket.end()
      else if (random.chance(0.3)) socket.resetAndDestroy()
      else setTimeout(() => socket.destroy(), firstMillis).unref()
    })
  })
  return {
    url: await listen(server),
    close: () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    }
  }
}

export const fuzzAnswers = async (port: number, count: number): Promise<Outcome> => {
  const { statuses, faults, count: note, fault } = tally()
  const agent = new Agent({ keepAlive: true, maxSockets: inFlight })
  await each(count, async (id) => {
    const { status, text, code } = await ask(port, agent, id)
    // Whatever the upstream has said, what the client reads is HTTP.
    if (code?.startsWith("HPE_")) fault(`answer ${id} is no HTTP: ${code}`)
    const stray = foreign(text, id)
    if (stray !== undefined) fault(`answer ${id} holds ${stray}: ${JSON.stringify(text.slice(0, 300))}`)
    note(status === undefined ? "none" : String(status))
  })
  agent.destroy()
  return { faults, statuses }
}

const ask = (port: number, agent: Agent, id: number) =>
  new Promise<{ readonly status: number | undefined; readonly text: string; readonly code: string | undefined }>((resolve) => {
    let status: number | undefined
    let text = ""
    const done = (code?: string) => resolve({ status, text, code })
    const asked = httpRequest({ port, host: "127.0.0.1", path: "/open", agent, headers: { "x-id": id }, maxHeaderSize: 131_072 })
    asked.on("response", (answered) => {
      status = answered.statusCode
      text += answered.rawHeaders.join(" ")
      answered.on("data", (chunk: Buffer) => {
        text += chunk.toString("latin1")
      })
      answered.once("error", () => done()).once("end", () => done())
    })
    asked.on("error", (error: NodeJS.ErrnoException) => done(error.code)).end()
  })
