/** A WebSocket client of a contract's stage: it opens, speaks, and sees how it is refused or closed. */
import assert from "node:assert/strict"
import { type HeaderLines, type RawAnswer, type RawConnection, readAnswer, readHead } from "../http/rawHttp.ts"
import { acceptKey, closeCodeOf, type Frame, frameReader, opcode, toFrame } from "../http/webSocket.ts"
import type { Stage } from "../Stage.ts"

const key = "dGhlIHNhbXBsZSBub25jZQ=="

/** A WebSocket's opening handshake (RFC 6455 §4.1). */
const handshake: HeaderLines = [
  ["connection", "Upgrade"],
  ["upgrade", "websocket"],
  ["sec-websocket-version", "13"],
  ["sec-websocket-key", key],
  ["origin", "https://app.example"]
]

/** A frame of text. */
export const say = (text: string): Buffer => toFrame(opcode.text, Buffer.from(text), true)

/** Reads the frames that follow the head of a 101. */
export const webSocket = async (connection: RawConnection) => {
  const head = await connection.until("the answer to an upgrade", () => readHead(connection.received))
  assert.equal(head.status, 101, connection.received.toString("latin1"))
  assert.deepEqual(head.headers.get("sec-websocket-accept"), [acceptKey(key)])
  const frames = (): ReadonlyArray<Frame> => {
    const found: Array<Frame> = []
    frameReader((frame) => found.push(frame))(connection.received.subarray(head.end))
    return found
  }
  return {
    /** Says something, and waits for the answer. */
    hears: async (text: string, answer: string) => {
      connection.send(say(text))
      await connection.until(`the answer ${JSON.stringify(answer)}`, () => frames().find(({ payload }) => payload.toString() === answer))
    },
    closes: (what: string, millis: number) =>
      connection.until(what, () => frames().find((frame) => frame.opcode === opcode.close), millis).then(closeCodeOf)
  }
}

/** Sends an opening handshake. The headers replace those of the handshake that have the same name. */
export const upgrade = (stage: Stage, target: string, headers: HeaderLines) =>
  stage.open({ target, headers: [...handshake.filter(([name]) => !headers.some(([other]) => other === name)), ...headers] })

/** Sends an upgrade, with a WebSocket's text behind it; reads the answer, and sees that the connection ends with it. */
export const refusedUpgrade = async (stage: Stage, target: string, headers: HeaderLines): Promise<RawAnswer> => {
  const connection = await upgrade(stage, target, headers)
  connection.send(say("let me in"))
  const answer = await connection.until("a whole answer to a refused upgrade", () =>
    readAnswer(connection.received, "GET", connection.endedAt !== undefined)
  )
  // Less than the five seconds for which Node keeps an idle connection.
  await connection.ended("the socket of a refused upgrade to be closed", 3_000)
  assert.equal(connection.received.length, answer.end, `nothing behind the refusal in ${connection.received.toString("latin1")}`)
  return answer
}
