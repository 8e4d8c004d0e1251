/** A HAR file, as browsers' developer tools save it → its requests (HAR 1.2, `log.entries`). */
import { isRecord, type ReadRequest } from "./ReadRequest.ts"
import { readJsonRequest } from "./readJsonRequest.ts"
import { readTime } from "./readTime.ts"

/** `undefined`: it is no HAR file. */
export const readHar = (value: unknown): ReadonlyArray<ReadRequest> | undefined => {
  if (!isRecord(value) || !isRecord(value["log"]) || !Array.isArray(value["log"]["entries"])) return undefined
  return value["log"]["entries"].flatMap((entry: unknown) => {
    if (!isRecord(entry)) return []
    const request = readJsonRequest(entry["request"])
    return request === undefined ? [] : [{ ...request, sentAt: readTime(entry["startedDateTime"]) }]
  })
}
