/**
 * What the client must see.
 *
 * @module
 */
import type { ClientCheck } from "../Case.ts"
import { fail, Mismatch } from "../Mismatch.ts"
import type { Client, ReceivedResponse } from "../wire/Client.ts"
import { type Framing, quote } from "../wire/Message.ts"
import { type ExpectedFields, expectFields } from "./fields.ts"

export interface ExpectedAnswer {
  readonly body?: string | Buffer
  readonly has?: ExpectedFields
  readonly trailers?: ExpectedFields
  readonly version?: string
  readonly reason?: string
  readonly framing?: Framing
  /** The statuses of the answers of status 1xx before it. */
  readonly interim?: ReadonlyArray<number>
  /** The connection stays open, or is closed behind the answer. Default: either. */
  readonly connection?: "open" | "closed"
}

const expectAnswer = (answer: ReceivedResponse, statuses: ReadonlyArray<number>, expected: ExpectedAnswer = {}): void => {
  const { status, startLine, body, fields, trailers, complete, interim } = answer
  if (!statuses.includes(status)) fail(`client: the answer is ${quote(startLine)}, expected ${statuses.join(" or ")}`)
  if (!complete) fail(`client: the answer was cut after ${body.length} bytes of its body`)
  if (expected.body !== undefined && !Buffer.from(expected.body as string, "latin1").equals(body))
    fail(`client: the body is ${quote(body.toString("latin1"))}, expected ${quote(expected.body.toString("latin1"))}`)
  if (expected.framing !== undefined && answer.framing !== expected.framing)
    fail(`client: the body's framing is ${answer.framing}, expected ${expected.framing}`)
  if (expected.version !== undefined && !startLine.startsWith(`${expected.version} `))
    fail(`client: the answer is ${quote(startLine)}, expected it in ${expected.version}`)
  if (expected.reason !== undefined && !startLine.endsWith(` ${expected.reason}`))
    fail(`client: the answer is ${quote(startLine)}, expected the reason ${quote(expected.reason)}`)
  const statusesBefore = interim.map((each) => each.startLine.split(" ")[1]).join()
  if (expected.interim !== undefined && statusesBefore !== expected.interim.join())
    fail(`client: the interim answers are ${statusesBefore || "none"}, expected ${expected.interim.join() || "none"}`)
  expectFields("client", fields, expected.has)
  expectFields("client's trailers", trailers, expected.trailers)
}

/** The first answer has this status, or one of these. */
export const answered =
  (status: number | ReadonlyArray<number>, expected: ExpectedAnswer = {}): ClientCheck =>
  async (client) => {
    expectAnswer(await client.answer(), [status].flat(), expected)
    await expectConnection(client, expected.connection)
  }

/** The answers, in their order. */
export const answers =
  (...all: ReadonlyArray<readonly [status: number, expected?: ExpectedAnswer]>): ClientCheck =>
  async (client) => {
    for (const [index, [status, expected]] of all.entries()) expectAnswer(await client.answer(index), [status], expected)
    await expectConnection(client, all.at(-1)?.[1]?.connection)
  }

/**
 * One answer of this status, or one of these, and the end of the connection: of what is behind a request that was not understood,
 * nobody knows where the next begins.
 */
export const refused = (...statuses: ReadonlyArray<number>): ClientCheck => answered(statuses, { connection: "closed" })

/** The same; or the end without an answer, which RFC 9112 §2.2 allows where what was received is no HTTP at all. */
export const hungUpOr = (...statuses: ReadonlyArray<number>): ClientCheck => hungUpUnless(refused(...statuses))

/** One answer of this status, or one of these, after which the connection may go on; or the end without an answer. */
export const notServed = (...statuses: ReadonlyArray<number>): ClientCheck => hungUpUnless(answered(statuses))

const hungUpUnless =
  (check: ClientCheck): ClientCheck =>
  async (client) => {
    const { closed, count, until } = client.wire
    await until("an answer, or the end of the connection", () => client.seen().answers.length > 0 || closed() !== undefined || undefined)
    if (count() > 0) await check(client)
  }

/** The answer began with this status, and was cut: the connection ended before its body did. */
export const cut =
  (status: number): ClientCheck =>
  async (client) => {
    const answer = await client.answer()
    if (answer.status !== status) fail(`client: the answer is ${quote(answer.startLine)}, expected ${status}`)
    await client.wire.untilClosed()
    // Without a length, the end of the connection would be the end of the body: only a reset tells that it was cut.
    const looksWhole = answer.framing === "close" ? client.wire.closed() === "end" : answer.complete
    if (looksWhole) fail("client: the answer seems to be whole, expected to see that it was cut")
  }

/** Whichever of them holds. */
export const either =
  (...checks: ReadonlyArray<ClientCheck>): ClientCheck =>
  async (client) => {
    const failures: Array<string> = []
    for (const check of checks) {
      try {
        return await check(client)
      } catch (error) {
        if (!(error instanceof Mismatch)) throw error
        failures.push(error.message)
      }
    }
    fail(failures.join("; and "))
  }

const expectConnection = async (client: Client, expected: ExpectedAnswer["connection"]): Promise<void> => {
  if (expected === "closed") await client.wire.untilClosed()
  if (expected === "open" && client.wire.closed() !== undefined) fail("client: the connection was closed, expected it to stay open")
}
