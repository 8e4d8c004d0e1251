/** The received values of the three headers and the two tokens, as far as they can be read. */
import type { AuthRequest, HeaderFields, Settings } from "@cognito-auth/core"
import { authorizationHeader } from "@cognito-auth/core/Authorization"
import { verifiesAccessToken } from "@cognito-auth/core/Expected"
import { accessTokenHeader, dataHeader, identityHeader } from "@cognito-auth/core/Headers"
import { accessForm, albForm, bearerForm, type JwsForm, readJws, readPayload } from "@cognito-auth/core/Jws"
import * as Result from "effect/Result"
import { type Redaction, redactionFor } from "./Redaction.ts"
import { isRecord } from "./readRequests.ts"

export interface Received {
  readonly settings: Settings
  readonly request: AuthRequest
  readonly nowMillis: number
  readonly redaction: Redaction
  /** Every value that was sent under the name, in any case. */
  readonly data: ReadonlyArray<unknown>
  readonly accessToken: ReadonlyArray<unknown>
  readonly identity: ReadonlyArray<unknown>
  readonly authorization: ReadonlyArray<unknown>
  readonly alb: Token
  readonly access: Token
  readonly bearer: Token
}

export type TokenName = "alb" | "access" | "bearer"
/** Access tokens, a user's and a service's: most of their checks are the same. */
export type AccessTokenName = Exclude<TokenName, "alb">

/** Whose request it is: on the paths of `--services`, one with `Authorization` is a service's. */
export type Asks = "user" | "service"

export const readReceived = (settings: Settings, request: AuthRequest, nowMillis: number, showClaims: boolean, asks: Asks): Received => {
  const { headers } = request
  const data = valuesOf(headers, dataHeader)
  const accessToken = valuesOf(headers, accessTokenHeader)
  // Elsewhere it is not looked at: it may hold a password.
  const authorization = asks === "service" ? valuesOf(headers, authorizationHeader) : []
  return {
    settings,
    request,
    nowMillis,
    redaction: redactionFor(showClaims),
    data,
    accessToken,
    identity: valuesOf(headers, identityHeader),
    authorization,
    bearer: asks === "service" ? readToken(textOf(authorization).replace(/^Bearer /, ""), bearerForm) : noToken,
    alb: readToken(textOf(data), albForm),
    // One that is ignored is not looked at here either: it may be opaque, and a secret of the provider's.
    access: verifiesAccessToken(settings.provider) ? readToken(textOf(accessToken), accessForm) : noToken
  }
}

const valuesOf = (headers: HeaderFields, name: string): ReadonlyArray<unknown> =>
  Object.entries(headers).flatMap(([other, value]) => (other.toLowerCase() === name && value !== undefined ? value : []))

const textOf = ([value]: ReadonlyArray<unknown>): string => (typeof value === "string" ? value : "")

/** A token as far as it can be read, to show what was received. It is not verified here. */
export interface Token {
  readonly text: string
  readonly segments: ReadonlyArray<string>
  /** The JOSE header; `undefined` if it cannot be read. */
  readonly header: Readonly<Record<string, unknown>> | undefined
  readonly payload: Readonly<Record<string, unknown>> | undefined
}

const noToken: Token = { text: "", segments: [], header: undefined, payload: undefined }

const readToken = (text: string, form: JwsForm): Token => {
  const segments = text.split(".", 5)
  const jws = readJws(text, form)
  // Even if the pipeline refuses the form of the token, its content is useful to the reader.
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
