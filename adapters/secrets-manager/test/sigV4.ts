/** AWS Signature Version 4, computed from the request as received (AWS IAM guide, "Create a signed AWS API request"). */
import { createHash, createHmac } from "node:crypto"
import type { IncomingHttpHeaders } from "node:http"

export interface SignedRequest {
  readonly method: string
  /** The raw request target. */
  readonly target: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface Signature {
  readonly accessKeyId: string
  readonly region: string
  readonly service: string
  readonly signedHeaders: ReadonlyArray<string>
  /** Whether it is the secret key's, over this request. */
  readonly isValid: boolean
}

const authorisation =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})$/

/** Checks the request's signature; `undefined` where it has none. */
export const readSignature = (request: SignedRequest, secretAccessKey: string): Signature | undefined => {
  const match = authorisation.exec(request.headers.authorization ?? "")
  if (match === null) return undefined
  const [, accessKeyId = "", date = "", region = "", service = "", signed = "", signature] = match
  const signedHeaders = signed.split(";")
  const [path = "", query = ""] = request.target.split("?")
  const canonicalRequest = [
    request.method,
    path,
    query.split("&").sort().join("&"),
    ...signedHeaders.map((name) => `${name}:${String(request.headers[name] ?? "").trim()}`),
    "",
    signed,
    sha256(request.body)
  ].join("\n")
  const time = String(request.headers["x-amz-date"])
  const scope = `${date}/${region}/${service}/aws4_request`
  const text = ["AWS4-HMAC-SHA256", time, scope, sha256(canonicalRequest)].join("\n")
  const key = [date, region, service, "aws4_request"].reduce<string | Buffer>(
    (secret, part) => createHmac("sha256", secret).update(part).digest(),
    `AWS4${secretAccessKey}`
  )
  const expected = createHmac("sha256", key).update(text).digest("hex")
  return { accessKeyId, region, service, signedHeaders, isValid: time.startsWith(date) && signature === expected }
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex")
