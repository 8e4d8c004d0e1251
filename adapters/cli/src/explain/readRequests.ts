/** The text of a file → the requests in it, in any of the forms in which people have them. */
import { UsageError } from "../UsageError.ts"
import type { ReadRequest } from "./ReadRequest.ts"
import { readHar } from "./readHar.ts"
import { readHeaderLines } from "./readHeaderLines.ts"
import { readJsonRequest } from "./readJsonRequest.ts"

/** Throws `UsageError` where there is no request in it. Never quotes the text. */
export const readRequests = (text: string): ReadonlyArray<ReadRequest> => {
  const requests = /^\s*[[{]/.test(text) ? readJson(text) : readHeaderLines(text)
  if (requests.length > 0) return requests
  throw new UsageError(
    "There is no request in the input. Expected its headers as a JSON object or an array of pairs, a HAR file, the output of `curl -v`, or header lines."
  )
}

const readJson = (text: string): ReadonlyArray<ReadRequest> => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new UsageError("The input begins like JSON, and is not JSON. For one JSON object per line, add --jsonl.")
  }
  const har = readHar(value)
  if (har !== undefined) return har
  const request = readJsonRequest(value)
  return request === undefined ? [] : [request]
}
