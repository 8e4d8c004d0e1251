/** One JSON value → one request: its headers alone, or an object that holds them. */
import type { HeaderFields } from "@cognito-auth/core"
import { isRecord, type ReadRequest, toFields } from "./ReadRequest.ts"
import { readTime } from "./readTime.ts"

/**
 * Takes `{"x-amzn-oidc-data": "…"}`, `[["x-amzn-oidc-data", "…"]]`, `[{"name": "…", "value": "…"}]`, Node's flat `rawHeaders`,
 * and an object with any of these in its `headers`, as an ALB's event for a Lambda function. `undefined`: it is none of them.
 */
export const readJsonRequest = (value: unknown): ReadRequest | undefined => {
  if (isRecord(value) && typeof value["headers"] === "object" && value["headers"] !== null) {
    const headers = readHeaders(isRecord(value["multiValueHeaders"]) ? value["multiValueHeaders"] : value["headers"])
    if (headers === undefined) return undefined
    const id = value["id"]
    return {
      method: firstText(value["method"], value["httpMethod"]) ?? "GET",
      target: firstText(value["target"], value["path"], value["url"]) ?? "/",
      headers,
      sentAt: readTime(value["at"]),
      id: typeof id === "number" || (typeof id === "string" && id.length <= 200) ? id : undefined
    }
  }
  const headers = readHeaders(value)
  return headers === undefined ? undefined : { method: "GET", target: "/", headers, sentAt: undefined, id: undefined }
}

const firstText = (...values: ReadonlyArray<unknown>): string | undefined => values.find((value) => typeof value === "string")

const readHeaders = (value: unknown): HeaderFields | undefined => {
  // As it is: the pipeline itself decides about what is no text.
  if (isRecord(value)) return value as HeaderFields
  if (!Array.isArray(value)) return undefined
  const pairs = value.map(readPair)
  if (pairs.every((pair) => pair !== undefined)) return toFields(pairs)
  if (value.length % 2 !== 0 || !value.every((item) => typeof item === "string")) return undefined
  return toFields(value.flatMap((name, i) => (i % 2 === 0 ? [[name, value[i + 1]] as const] : [])))
}

const readPair = (item: unknown): readonly [string, unknown] | undefined => {
  if (Array.isArray(item)) return item.length === 2 && typeof item[0] === "string" ? [item[0], item[1]] : undefined
  return isRecord(item) && typeof item["name"] === "string" && "value" in item ? [item["name"], item["value"]] : undefined
}
