/** Many requests as JSON Lines → one verdict per line, in constant memory, in the same order. */
import { once } from "node:events"
import type { Writable } from "node:stream"
import type { Decision } from "@cognito-auth/core"
import { unreadable } from "@cognito-auth/core/codeOf"
import { ExitCode, UsageError } from "../ExitCode.ts"
import { jsonLine } from "../terminal.ts"
import type { AppPipeline } from "./AppPipeline.ts"
import { type RequestVerdict, verdictOf } from "./explainRequest.ts"
import { failedCheck } from "./failedCheck.ts"
import { readReceived } from "./Received.ts"
import { readJsonRequest } from "./readRequests.ts"

/** Output is buffered up to this length: a write costs as much as many verdicts. */
const chunkLength = 65_536

/** Returns the most severe exit code of all lines. */
export const explainLines = async (
  pipeline: AppPipeline,
  input: AsyncIterable<Buffer>,
  output: Writable,
  at: number | undefined
): Promise<number> => {
  const tally: Record<LineVerdict, number> = { admitted: 0, refused: 0, outage: 0, unreadable: 0 }
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
        const result = explainLine(pipeline, line, number, at)
        const { verdict, text } = result instanceof Promise ? await result : result
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

type LineVerdict = RequestVerdict | "unreadable"

interface LineResult {
  readonly verdict: LineVerdict
  readonly text: string
}

const explainLine = (
  pipeline: AppPipeline,
  line: string | undefined,
  number: number,
  at: number | undefined
): LineResult | Promise<LineResult> => {
  if (line === undefined) return unreadableLine(number, "longer than 1 MiB")
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return unreadableLine(number, "not JSON")
  }
  const request = readJsonRequest(value)
  if (request === undefined) return unreadableLine(number, "no headers")
  const nowMillis = at ?? request.sentAt ?? Date.now()

  const conclude = (decision: Decision): LineResult => {
    const verdict = verdictOf(decision)
    const name = request.id === undefined ? { line: number } : { line: number, id: request.id }
    if (decision._tag === "Admit") return { verdict, text: jsonLine({ ...name, verdict }) }
    const { error, status } = decision
    const asks = pipeline.asks(request)
    const albToken = () => readReceived(pipeline.settings, request, nowMillis, false, asks).alb
    const { id: step } = failedCheck(error, pipeline.settings, asks, albToken, nowMillis)
    const evidence = "header" in error ? { header: error.header, check: error.check } : {}
    return { verdict, text: jsonLine({ ...name, verdict, error: error._tag, status, step, ...evidence }) }
  }
  const decision = pipeline.decide(request, nowMillis)
  return decision instanceof Promise ? decision.then(conclude) : conclude(decision)
}

const unreadableLine = (line: number, reason: string): LineResult => ({
  verdict: "unreadable",
  text: jsonLine({ line, verdict: "unreadable", reason })
})

/** Three headers of 16 KiB each, with room for other headers. */
const maxLineBytes = 1_048_576

const newline = 10

/** The trimmed lines; `undefined` for a line longer than 1 MiB. */
async function* readLines(input: AsyncIterable<Buffer>): AsyncGenerator<ReadonlyArray<string | undefined>> {
  let buffered: Array<Buffer> = []
  let bufferedBytes = 0
  const take = (end: Buffer): string | undefined => {
    const bytes = bufferedBytes + end.length
    const line =
      bytes > maxLineBytes
        ? undefined
        : Buffer.concat([...buffered, end], bytes)
            .toString("utf8")
            .trim()
    buffered = []
    bufferedBytes = 0
    return line
  }
  for await (const chunk of input) {
    const lines: Array<string | undefined> = []
    let start = 0
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      lines.push(take(chunk.subarray(start, end)))
      start = end + 1
    }
    bufferedBytes += chunk.length - start
    // The rest of a line that is already too long is only counted.
    if (bufferedBytes <= maxLineBytes && start < chunk.length) buffered.push(chunk.subarray(start))
    else if (bufferedBytes > maxLineBytes) buffered = []
    yield lines
  }
  if (bufferedBytes > 0) yield [take(Buffer.alloc(0))]
}
