/**
 * The client's side: one raw connection to a subject, and the answers received on it.
 *
 * @module
 */
import { once } from "node:events"
import { connect } from "node:net"
import { fail } from "../Mismatch.ts"
import { type Message, readAnswer, statusOf } from "./Message.ts"
import { makeWire, type Wire } from "./Wire.ts"

/** An answer, as far as it was received. */
export interface ReceivedResponse extends Message {
  readonly status: number
  /** Of the answers of status 1xx before it. */
  readonly interim: ReadonlyArray<Message>
}

export interface Client {
  readonly wire: Wire
  /** Sends bytes; `{auth}` is replaced by the header lines of a signed-in user. */
  readonly send: (bytes: string | Buffer) => void
  /** The final answer of this index, once it was received whole, or the connection has ended. */
  readonly answer: (index?: number) => Promise<ReceivedResponse>
  /** The same, once its head was received. */
  readonly answerHead: (index?: number) => Promise<ReceivedResponse>
  /** All that is known now: final answers, and the bytes behind the last. */
  readonly seen: () => { readonly answers: ReadonlyArray<ReceivedResponse>; readonly rest: Buffer }
}

export interface ClientOptions {
  readonly host: string
  readonly port: number
  /** The header lines of a signed-in user, each with its CRLF. */
  readonly auth: string
  /** How long anything is waited for. */
  readonly longestMillis: number
  /** The methods of the requests, in their order; it is the last one's for all that follow. Default: the first word that is sent. */
  readonly methods?: ReadonlyArray<string> | undefined
}

export const openClient = async ({ host, port, auth, longestMillis, methods }: ClientOptions): Promise<Client> => {
  const socket = connect({ host, port, allowHalfOpen: true })
  const wire = makeWire(socket, longestMillis)
  await once(socket, "connect")
  let asked = methods
  const methodOf = (index: number): string => asked?.[Math.min(index, asked.length - 1)] ?? "GET"
  const seen: Client["seen"] = () => {
    const bytes = wire.received()
    const answers: Array<ReceivedResponse> = []
    let interim: Array<Message> = []
    let next = 0
    while (answers.at(-1)?.complete ?? true) {
      const message = readAnswer(bytes, next, methodOf(answers.length), wire.closed() !== undefined)
      if (message === undefined) break
      next = message.next
      const status = statusOf(message)
      if (status >= 100 && status < 200 && status !== 101) {
        interim.push(message)
        continue
      }
      answers.push({ ...message, status, interim })
      interim = []
      // Behind a 101 there is no HTTP any more.
      if (status === 101) break
    }
    return { answers, rest: bytes.subarray(next) }
  }
  const answerOf = (index: number, isEnough: (answer: ReceivedResponse) => boolean) =>
    wire.until(`answer ${index + 1}`, () => {
      const answer = seen().answers[index]
      if (answer !== undefined && (isEnough(answer) || wire.closed() !== undefined)) return answer
      if (wire.closed() === undefined) return undefined
      return fail(`client: the connection was closed (${wire.closed()}) without answer ${index + 1}`)
    })
  return {
    wire,
    send: (bytes) => {
      if (typeof bytes === "string") asked ??= [/^[^ ]*/.exec(bytes)?.[0] ?? ""]
      wire.send(typeof bytes === "string" ? bytes.replaceAll("{auth}", () => auth) : bytes)
    },
    answer: (index = 0) => answerOf(index, ({ complete }) => complete),
    answerHead: (index = 0) => answerOf(index, () => true),
    seen
  }
}
