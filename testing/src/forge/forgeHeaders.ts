/**
 * Tokens → request headers.
 *
 * @module
 */
import type { ForgedTokens, Forgery } from "./forgeTokens.ts"

/** One of the three headers, by its content. */
export type HeaderName = keyof ForgedTokens

/** A forgery of whole headers. */
export interface HeaderForgery extends Forgery {
  /** Headers that are not sent. */
  readonly omit?: ReadonlyArray<HeaderName> | undefined
  /**
   * Headers that are sent twice: their value is an array of two strings, which `node:http` sends as two lines. (`fetch` would join
   * them to one string with a comma.)
   */
  readonly duplicate?: ReadonlyArray<HeaderName> | undefined
}

/** Request headers as `fetch`, `node:http` and supertest's `.set()` take them. */
export type ForgedHeaders = Record<string, string>

/** The same, where a header may be sent twice: for `node:http`. */
export type ForgedHeaderLists = Record<string, string | Array<string>>

const names = { data: "x-amzn-oidc-data", accessToken: "x-amzn-oidc-accesstoken", identity: "x-amzn-oidc-identity" } as const

export const toHeaders = (tokens: ForgedTokens, { omit = [], duplicate = [] }: HeaderForgery): ForgedHeaderLists => {
  const headers: ForgedHeaderLists = {}
  for (const name of ["accessToken", "data", "identity"] as const) {
    const value = tokens[name]
    if (value === undefined || omit.includes(name)) continue
    headers[names[name]] = duplicate.includes(name) ? [value, value] : value
  }
  return headers
}
