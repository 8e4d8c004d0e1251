/** A token as far as it can be read, for showing what came. Whether it holds is not decided here. */
import { type JwsForm, readJws, readPayload } from "@cognito-auth/core/Jws"
import * as Result from "effect/Result"
import { isRecord } from "./ReadRequest.ts"

export interface Token {
  readonly text: string
  readonly segments: ReadonlyArray<string>
  /** The JOSE header; `undefined` where it cannot be read. */
  readonly header: Readonly<Record<string, unknown>> | undefined
  readonly payload: Readonly<Record<string, unknown>> | undefined
}

export const readToken = (text: string, form: JwsForm): Token => {
  const segments = text.split(".", 5)
  const jws = readJws(text, form)
  // Of a token that the pipeline refuses for its form, people still want to see what it says.
  if (Result.isFailure(jws)) return { text, segments, header: tryJson(segments[0]), payload: tryJson(segments[1]) }
  return { text, segments, header: jws.success.header, payload: Result.getOrUndefined(readPayload(jws.success)) }
}

const tryJson = (segment: string | undefined): Readonly<Record<string, unknown>> | undefined => {
  try {
    const value: unknown = JSON.parse(Buffer.from(segment ?? "", "base64url").toString())
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}
