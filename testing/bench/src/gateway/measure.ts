/**
 * The processor's time of each server for the same work, round by round in turn: what else the machine does at the moment concerns
 * all of them, and a ratio is taken within a round.
 */
import { expectThat } from "../Scenario.ts"
import { bytes, paths } from "./answers.ts"
import { type Connection, getAll, openConnection, toBytes } from "./load.ts"
import { processorSeconds } from "./processorTime.ts"
import type { BenchUser } from "./requests.ts"
import type { ProxyServer, Upstream } from "./servers.ts"

export const kinds = ["small", "large", "events"] as const
export type Kind = (typeof kinds)[number]

export interface Size {
  readonly rounds: number
  /** Answers, or events, of each server in a round. */
  readonly small: number
  readonly large: number
  /** Event streams at once, and how many events each of them gets. */
  readonly streams: number
  readonly eventsEach: number
}

/**
 * The warm-up of servers with a JIT compiler: Node compiles a program's hot parts step by step, for the types seen so
 * far, and a gateway that has just started, or that serves its first event streams, costs two or three times what it does a minute later.
 */
const warmUp = { small: 20_000, large: 2_500, eventsEach: 500 } as const
const warmUps = 2

/** Streams get an event each all at once, with time in between for the slowest to have passed it on. */
const everyMillis = 5
const connectionsAtOnce = 16

/** Seconds of the processor's time per 10,000 answers or events, of every round. */
export type Figures = Readonly<Record<Kind, ReadonlyArray<number>>>

/** A server, and what it is asked for in a user's name. */
interface Subject {
  readonly server: ProxyServer
  readonly request: (path: string, user: BenchUser) => Buffer
}

export const measure = async <Name extends string>(
  servers: Readonly<Record<Name, ProxyServer>>,
  users: ReadonlyArray<BenchUser>,
  upstream: Upstream,
  size: Size,
  wanted: ReadonlyArray<Kind> = kinds
): Promise<Readonly<Record<Name, Figures>>> => {
  const names = Object.keys(servers) as Array<Name>
  const figures = Object.fromEntries(names.map((name) => [name, { small: [], large: [], events: [] }])) as unknown as Record<
    Name,
    Record<Kind, Array<number>>
  >
  const subjects = Object.fromEntries(
    names.map((name) => {
      const server = servers[name]
      const request = (path: string, { signedIn, renamed }: BenchUser) =>
        toBytes(path, { ...(server.verifies ? signedIn : renamed), ...server.headers })
      return [name, { server, request }]
    })
  ) as Record<Name, Subject>
  for (const name of names) await check(name, subjects[name], users[0] as BenchUser)

  const work = (name: Name, kind: Kind, { small, large, eventsEach }: Pick<Size, "small" | "large" | "eventsEach">) =>
    kind === "events"
      ? passEvents(subjects[name], users, upstream, size.streams, eventsEach)
      : getAnswers(subjects[name], users, kind, { small, large }[kind])
  for (let pass = 0; pass < warmUps; pass++)
    for (const kind of wanted) for (const name of names) if (servers[name].isCompiledAsItRuns) await work(name, kind, warmUp)
  for (let round = 0; round < size.rounds; round++) {
    for (const kind of wanted) {
      for (let turn = 0; turn < names.length; turn++) {
        const name = names[(turn + round) % names.length] as Name
        figures[name][kind].push(await work(name, kind, size))
      }
    }
  }
  return figures
}

/** That a server does what it is measured for: who signs in passes, as the one who it is, and nobody else. */
const check = async (name: string, { server, request }: Subject, user: BenchUser): Promise<void> => {
  const connection = await openConnection(server.port)
  const { status, text } = await connection.get(request(paths.whoAmI, user))
  expectThat(status === 200, `${name} answers ${status} to a user`)
  const known = server.verifies ? user.email : server.knows
  if (known !== undefined) {
    expectThat(text === known, `${name} tells the upstream that ${known} is ${text}`)
    const refused = await fetch(`http://127.0.0.1:${server.port}${paths.whoAmI}`, { redirect: "manual" })
    expectThat(refused.status !== 200, `${name} admits any request`)
  }
  connection.close()
}

/** Per 10,000 answers. A few are asked for beforehand: kept connections, and assertions that are signed now and then, are there. */
const getAnswers = async ({ server, request }: Subject, users: ReadonlyArray<BenchUser>, kind: "small" | "large", count: number) => {
  const connections = await Promise.all(Array.from({ length: connectionsAtOnce }, () => openConnection(server.port)))
  const requests = users.map((user) => request(paths[kind], user))
  await getAll(connections, requests, kind === "small" ? 2 * users.length : connections.length, bytes[kind])
  const before = processorSeconds(server.pid)
  await getAll(connections, requests, count, bytes[kind])
  const seconds = processorSeconds(server.pid) - before
  for (const connection of connections) connection.close()
  return (seconds / count) * 10_000
}

/** Per 10,000 events, on streams that are open. */
const passEvents = async (
  { server, request }: Subject,
  users: ReadonlyArray<BenchUser>,
  upstream: Upstream,
  streams: number,
  eventsEach: number
) => {
  const open = await Promise.all(
    Array.from({ length: streams }, async (_, index) =>
      openStream(await openConnection(server.port), request(paths.events, users[index % users.length] as BenchUser))
    )
  )
  const untilEachHas = (events: number) => Promise.all(open.map(({ until }) => until(events)))
  const first = 10
  upstream.emit({ times: first, everyMillis })
  await untilEachHas(first)
  const before = processorSeconds(server.pid)
  upstream.emit({ times: eventsEach, everyMillis })
  await untilEachHas(first + eventsEach)
  const seconds = processorSeconds(server.pid) - before
  for (const { close } of open) close()
  return (seconds / (streams * eventsEach)) * 10_000
}

/** In an event, and nowhere else in an answer, its framing included. */
const mark = "}".charCodeAt(0)

/** Resolves once the answer has begun. */
const openStream = async (connection: Connection, request: Buffer) => {
  let head = ""
  let events = 0
  let wanted = 0
  let settle = { resolve: (): void => undefined, reject: (_problem: Error): void => undefined }
  const next = () =>
    new Promise<void>((resolve, reject) => {
      settle = { resolve, reject }
    })
  const began = next()
  connection.listen(request, {
    onBytes: (chunk) => {
      if (head === "") {
        head = chunk.toString("latin1")
        settle.resolve()
      }
      for (let at = chunk.indexOf(mark); at !== -1; at = chunk.indexOf(mark, at + 1)) events++
      if (events >= wanted) settle.resolve()
    },
    onEnd: () => settle.reject(new Error(`A stream ended: ${head.slice(0, 200)}`))
  })
  await began
  expectThat(head.startsWith("HTTP/1.1 200 "), `a stream is answered by ${head.slice(0, 50)}`)
  return {
    until: (count: number) => {
      wanted = count
      const enough = next()
      if (events >= wanted) settle.resolve()
      return enough
    },
    close: connection.close
  }
}
