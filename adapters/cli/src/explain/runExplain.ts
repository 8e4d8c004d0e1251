/** Runs `cognito-auth explain`: flags → settings, input → requests, verdict → exit code. */
import type { Options } from "@cognito-auth/core"
import { ExitCode, UsageError } from "../ExitCode.ts"
import { openInput, readInput, readTextFile } from "../inputFiles.ts"
import { type FlagValues, readEnvironment } from "../SettingFlags.ts"
import { jsonLine, paintFor } from "../terminal.ts"
import { makeAppPipeline } from "./AppPipeline.ts"
import { explainLines } from "./explainLines.ts"
import { explainRequest, type RequestVerdict } from "./explainRequest.ts"
import { hasSignIn, isRecord, type ReadRequest, readRequests } from "./readRequests.ts"
import { renderExplanation } from "./renderExplanation.ts"
import { readTime } from "./time.ts"

const exitCodeOf: Readonly<Record<RequestVerdict, number>> = {
  admitted: ExitCode.ok,
  refused: ExitCode.refused,
  outage: ExitCode.outage
}

export const runExplain = async (file: string, values: FlagValues): Promise<number> => {
  const at = readAt(values["at"])
  const showClaims = values["showClaims"] === true
  const options: Options = { environment: await readEnvironment(values), ...(await readKeys(values["keys"])) }
  if (values["jsonl"] === true) return explainLines(makeAppPipeline(options), openInput(file), process.stdout, at)

  const pipeline = makeAppPipeline(options)
  const requests = readRequests(await readInput(file))
  const index = choose(requests, values["request"])
  const request = requests[index] as ReadRequest
  const explanation = await explainRequest(pipeline, request, at ?? Date.now(), showClaims)
  const which = `Request ${index + 1} of ${requests.length}`
  process.stdout.write(
    values["json"] === true
      ? jsonLine({ request: index + 1, requests: requests.length, ...explanation })
      : renderExplanation(explanation, which, paintFor(process.stdout))
  )
  return exitCodeOf[explanation.verdict]
}

const readAt = (value: FlagValues[string]): number | undefined => {
  if (value === undefined) return undefined
  const at = readTime(value)
  if (at === undefined) throw new UsageError("--at: expected a time with a time zone, such as 2026-01-31T12:00:00Z, or seconds since 1970.")
  return at
}

/** The keys themselves are validated with all other settings. */
const readKeys = async (path: FlagValues[string]): Promise<Pick<Options, "keys">> => {
  if (typeof path !== "string") return {}
  const text = await readTextFile(path, "--keys")
  const expected = `--keys: expected {"alb": {"<kid>": "<PEM>"}, "jwks": {"keys": [...]}} in the file ${JSON.stringify(path)}`
  let keys: unknown
  try {
    keys = JSON.parse(text)
  } catch {
    throw new UsageError(`${expected}: it is not JSON.`)
  }
  if (!isRecord(keys) || Object.keys(keys).some((name) => name !== "alb" && name !== "jwks")) throw new UsageError(`${expected}.`)
  return { keys: { alb: {}, ...keys } }
}

const choose = (requests: ReadonlyArray<ReadRequest>, given: FlagValues[string]): number => {
  if (given === undefined) return Math.max(0, requests.findIndex(hasSignIn))
  const number = Number(given)
  if (Number.isInteger(number) && number >= 1 && number <= requests.length) return number - 1
  throw new UsageError(`--request: expected a number from 1 to ${requests.length}, the number of requests in the input.`)
}
