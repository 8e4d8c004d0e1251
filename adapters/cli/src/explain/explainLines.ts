/** Many requests as JSON Lines → one verdict per line, in constant memory, in the order in which they came. */
import { once } from "node:events"
import type { Writable } from "node:stream"
import type { Decision } from "@cognito-auth/core"
import { unreadable } from "@cognito-auth/core/codeOf"
import { ExitCode, UsageError } from "../ExitCode.ts"
import { jsonLine } from "../terminal.ts"
import { verdictOf } from "./explainRequest.ts"
import { failedCheck } from "./failedCheck.ts"
import type { Judge } from "./Judge.ts"
import { readReceived } from "./Received.ts"
import { readJsonRequest } from "./readRequests.ts"

/** Written at once: a write costs as much as many a verdict. */
const chunkLength = 65_536

/** Returns the exit code: of all lines the worst. */
export const explainLines = async (
  judge: Judge,
  input: AsyncIterable<Buffer>,
  output: Writable,
  at: number | undefined
): Promise<number> => {
  const tally: Record<Outcome, number> = { admitted: 0, refused: 0, outage: 0, unreadable: 0 }
  let pending = ""
  let number = 0
  const flush = async () => {
    const chunk = pending
    pending = ""
    if (!output.write(chunk)) await once(output, "drain")
  }
  try {
    for await (const lines of readLines(input)) {
      for (const line of lines) {
        number++
        if (line === "") continue
        const judged = judgeLine(judge, line, number, at)
        const { verdict, text } = judged instanceof Promise ? await judged : judged
        tally[verdict]++
        pending += text
        if (pending.length >= chunkLength) await flush()
      }
    }
  } catch (cause) {
    if (!(cause instanceof Error && "syscall" in cause)) throw cause
    throw new UsageError(`The input ${unreadable(cause)}.`)
  } finally {
    await flush()
  }
  if (tally.unreadable > 0) return ExitCode.unusable
  if (tally.outage > 0) return ExitCode.outage
  return tally.refused > 0 ? ExitCode.refused : ExitCode.ok
}

type Outcome = "admitted" | "refused" | "outage" | "unreadable"

interface Judged {
  readonly verdict: Outcome
  readonly text: string
}

const judgeLine = (judge: Judge, line: string | undefined, number: number, at: number | undefined): Judged | Promise<Judged> => {
  if (line === undefined) return unreadableLine(number, "longer than 1 MiB")
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return unreadableLine(number, "not JSON")
  }
  const request = readJsonRequest(value)
  if (request === undefined) return unreadableLine(number, "no headers in it")
  const nowMillis = at ?? request.sentAt ?? Date.now()

  const conclude = (decision: Decision): Judged => {
    const verdict = verdictOf(decision)
    const name = request.id === undefined ? { line: number } : { line: number, id: request.id }
    if (decision._tag === "Admit") return { verdict, text: jsonLine({ ...name, verdict }) }
    const { error, status } = decision
    const albToken = () => readReceived(judge.settings, request, nowMillis, false).alb
    const { id: step } = failedCheck(error, judge.settings, albToken, nowMillis)
    const evidence = "header" in error ? { header: error.header, check: error.check } : {}
    return { verdict, text: jsonLine({ ...name, verdict, error: error._tag, status, step, ...evidence }) }
  }
  const decision = judge.decide(request, nowMillis)
  return decision instanceof Promise ? decision.then(conclude) : conclude(decision)
}

const unreadableLine = (line: number, reason: string): Judged => ({
  verdict: "unreadable",
  text: jsonLine({ line, verdict: "unreadable", reason })
})

/** Three headers of 16 KiB each, their names and a good deal beside them. */
const maxLineBytes = 1_048_576

const newline = 10

/** Lines as text, without white space around them; `undefined`: the line was longer than 1 MiB. */
async function* readLines(input: AsyncIterable<Buffer>): AsyncGenerator<ReadonlyArray<string | undefined>> {
  let held: Array<Buffer> = []
  let heldBytes = 0
  const take = (end: Buffer): string | undefined => {
    const bytes = heldBytes + end.length
    const line =
      bytes > maxLineBytes
        ? undefined
        : Buffer.concat([...held, end], bytes)
            .toString("utf8")
            .trim()
    held = []
    heldBytes = 0
    return line
  }
  for await (const chunk of input) {
    const lines: Array<string | undefined> = []
    let start = 0
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      lines.push(take(chunk.subarray(start, end)))
      start = end + 1
    }
    heldBytes += chunk.length - start
    // Of a line that is too long already, the rest is only counted.
    if (heldBytes <= maxLineBytes && start < chunk.length) held.push(chunk.subarray(start))
    else if (heldBytes > maxLineBytes) held = []
    yield lines
  }
  if (heldBytes > 0) yield [take(Buffer.alloc(0))]
}
