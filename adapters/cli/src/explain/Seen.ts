/** What a request shows before anything is decided: the three headers' values and the two tokens, as far as they can be read. */
import type { HeaderFields, Settings } from "@cognito-auth/core"
import { accessTokenHeader, dataHeader, identityHeader } from "@cognito-auth/core/Headers"
import { accessForm, albForm } from "@cognito-auth/core/Jws"
import { type Redaction, redactionFor } from "./Redaction.ts"
import { readToken, type Token } from "./Token.ts"

export interface Seen {
  readonly settings: Settings
  readonly nowMillis: number
  readonly redaction: Redaction
  /** Every value that was sent under the name, in any case of it. */
  readonly data: ReadonlyArray<unknown>
  readonly accessToken: ReadonlyArray<unknown>
  readonly identity: ReadonlyArray<unknown>
  readonly alb: Token
  readonly access: Token
}

export const look = (settings: Settings, headers: HeaderFields, nowMillis: number, showClaims: boolean): Seen => {
  const data = valuesOf(headers, dataHeader)
  const accessToken = valuesOf(headers, accessTokenHeader)
  return {
    settings,
    nowMillis,
    redaction: redactionFor(showClaims),
    data,
    accessToken,
    identity: valuesOf(headers, identityHeader),
    alb: readToken(textOf(data), albForm),
    access: readToken(textOf(accessToken), accessForm)
  }
}

const valuesOf = (headers: HeaderFields, name: string): ReadonlyArray<unknown> =>
  Object.entries(headers).flatMap(([other, value]) => (other.toLowerCase() === name && value !== undefined ? value : []))

const textOf = ([value]: ReadonlyArray<unknown>): string => (typeof value === "string" ? value : "")
