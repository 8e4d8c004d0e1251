/**
 * The expected values of tokens. They come from the configuration, never from a token.
 *
 * @module
 */
import { type CheckId, checks } from "../errors/Check.ts"
import type { JsonObject } from "./JsonObject.ts"

export interface Expected {
  /** Who signs users in behind the load balancer. */
  readonly provider: ExpectedProvider
  /** The only signers accepted, each with the base URL of its keys. */
  readonly signers: ReadonlyMap<string, string>
  /** The only issuers accepted, each with the URL of its JWK Set; `undefined`: none of its keys is needed, because its access token is ignored. */
  readonly issuers: ReadonlyMap<string, string | undefined>
  /** The only app clients accepted. */
  readonly clientIds: ReadonlySet<string>
  readonly clockToleranceMillis: number
}

export type ExpectedProvider =
  | { readonly _tag: "cognito" }
  | {
      readonly _tag: "oidc"
      /** The claim of the ALB's token that lists the user's groups. `undefined`: no user's groups are known. */
      readonly groupsClaim: string | undefined
      /** What the access token's `aud` must name. `undefined`: the access token is ignored, as it may be opaque. */
      readonly audience: string | undefined
    }

/** Whether there is an access token to verify beside the ALB's token. */
export const verifiesAccessToken = (provider: ExpectedProvider): boolean => provider._tag === "cognito" || provider.audience !== undefined

/** Whether a check is made at all of the tokens of this provider, where a user or a service asks. */
export const isMadeOf = (provider: ExpectedProvider, id: CheckId, asks: "user" | "service"): boolean => {
  const row: { readonly header: string; readonly only?: ExpectedProvider["_tag"] } = checks[id]
  if ((row.header === "authorization") !== (asks === "service")) return false
  if (row.header === "x-amzn-oidc-accesstoken" && !verifiesAccessToken(provider)) return false
  return row.only === undefined || row.only === provider._tag
}

/** What the tokens say, after every check. Objects without a prototype. */
export interface VerifiedClaims {
  /** The payload of the ALB's token. */
  readonly oidc: JsonObject
  /** The payload of the access token; empty where that is ignored. */
  readonly access: JsonObject
  readonly issuer: string
  /** When the sign-in expires, in seconds since 1970: the access token's `exp`; where that is ignored, the first `exp` of the ALB's token. */
  readonly exp: number
}
