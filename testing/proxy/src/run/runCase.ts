/**
 * One case against one subject.
 *
 * @module
 */
import type { Case, Sides } from "../Case.ts"
import { ok } from "../expect/messages.ts"
import { fail } from "../Mismatch.ts"
import type { Route, Running, Subject } from "../subjects/Subject.ts"
import { accepts } from "../subjects/startProcess.ts"
import { type Client, openClient } from "../wire/Client.ts"
import { openUpstream, probePath } from "../wire/Upstream.ts"

/** Where the case's subject listens. */
export interface Stage {
  readonly subject: Subject
  readonly running: Running
  readonly address: string
  readonly route: Route
  /** How long anything is waited for. */
  readonly longestMillis: number
}

/** Rejects with what is not as expected. */
export const runCase = async (row: Case, { subject, running, address, route, longestMillis }: Stage): Promise<void> => {
  const { reply = ok() } = row
  const replies = typeof reply === "object" && !("bytes" in reply) ? reply : [reply]
  const upstream = await openUpstream({
    host: address,
    port: route.upstreamPort,
    longestMillis,
    replies,
    at: row.replyAtHead ? "head" : "request"
  })
  const clients: Array<Client> = []
  const open = async (methods?: ReadonlyArray<string>) => {
    const client = await openClient({ host: address, port: route.port, auth: subject.auth, longestMillis, methods })
    clients.push(client)
    return client
  }
  const probe = async () => {
    const client = await open()
    client.send(`GET ${probePath} HTTP/1.1\r\nHost: app.example\r\n{auth}Connection: close\r\n\r\n`)
    const { startLine, body } = await client.answer()
    if (body.toString() !== "probe")
      fail(`the next request of another user was answered ${startLine} and ${JSON.stringify(body.toString("latin1"))}`)
  }
  const shutDown = () => ({ ended: running.shutDown() })
  try {
    const sides: Sides = { client: await open(row.methods), open, upstream, probe, shutDown }
    if ("run" in row) await row.run(sides)
    else {
      for (const [index, bytes] of [row.send].flat().entries()) {
        if (index > 0) await sides.client.answer(index - 1)
        sides.client.send(bytes)
      }
      await row.client(sides.client)
      await probe()
      await row.upstream(upstream)
    }
    if (row.ownProcess === undefined) await probe()
    if (row.mayViolate === undefined) expectGrammar(clients, upstream.requests)
  } catch (error) {
    if (row.ownProcess === true || (await accepts(address, route.port))) throw error
    const ended = await running.untilEnded()
    throw new Error(`the subject's process has ended: ${ended}; ${error instanceof Error ? error.message : error}`)
  } finally {
    for (const { wire } of clients) wire.socket.destroy()
    await upstream.close()
  }
}

/** Whatever a subject sends is HTTP/1.1, on both sides. */
const expectGrammar = (clients: ReadonlyArray<Client>, requests: Awaited<ReturnType<typeof openUpstream>>["requests"]): void => {
  for (const { message } of requests) for (const each of message.violations) fail(`upstream: received ${each}`)
  for (const client of clients) {
    const { answers, rest } = client.seen()
    for (const each of answers.flatMap(({ interim, violations }) => [...interim.flatMap((one) => one.violations), ...violations]))
      fail(`client: received ${each}`)
    if (answers.at(-1)?.status !== 101 && rest.length > 0)
      fail(`client: received ${JSON.stringify(rest.toString("latin1"))} behind the last answer`)
  }
}
