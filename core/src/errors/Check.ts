/**
 * Every check of a request's headers and tokens, in order: cheap checks first. One row is one check: the pipeline's errors
 * take their evidence from it, and `cognito-auth explain` shows one step for each. Which of them are made
 * depends on the provider (`token/Expected.ts`).
 *
 * @module
 */

/** The three headers that an ALB which signs users in sends (AWS ELB guide, "Authenticate users"). */
export type IdentityHeader = "x-amzn-oidc-data" | "x-amzn-oidc-accesstoken" | "x-amzn-oidc-identity"

interface Row {
  readonly header: IdentityHeader
  /** The errors that the check can fail with, each with the check name in its evidence: `signer`, `exp`, `kid` … */
  readonly refusals: Readonly<Record<string, string>>
  /** Made of the tokens of this kind of provider alone. Default: of any. */
  readonly only?: "cognito" | "oidc"
}

const data = "x-amzn-oidc-data"
const accessToken = "x-amzn-oidc-accesstoken"
const identity = "x-amzn-oidc-identity"
const headerRefusals = { HeaderMissing: "presence", HeaderInvalid: "header" } as const

export const checks = {
  "header.data": { header: data, refusals: headerRefusals },
  "header.accesstoken": { header: accessToken, refusals: headerRefusals },
  "header.identity": { header: identity, refusals: headerRefusals },

  "alb.form": { header: data, refusals: { TokenMalformed: "form" } },
  "alb.jose": { header: data, refusals: { TokenMalformed: "JOSE header" } },
  "alb.alg": { header: data, refusals: { AlgorithmRefused: "alg" } },
  "alb.crit": { header: data, refusals: { AlgorithmRefused: "crit" } },
  "alb.b64": { header: data, refusals: { AlgorithmRefused: "b64" } },
  "access.form": { header: accessToken, refusals: { TokenMalformed: "form" } },
  "access.jose": { header: accessToken, refusals: { TokenMalformed: "JOSE header" } },
  "access.alg": { header: accessToken, refusals: { AlgorithmRefused: "alg" } },
  "access.crit": { header: accessToken, refusals: { AlgorithmRefused: "crit" } },
  "access.b64": { header: accessToken, refusals: { AlgorithmRefused: "b64" } },
  "alb.kid": { header: data, refusals: { TokenMalformed: "kid" } },
  "alb.signer": { header: data, refusals: { SignerRefused: "signer" } },
  "alb.client": { header: data, refusals: { ClientRefused: "client" } },
  "alb.iss": { header: data, refusals: { IssuerRefused: "iss" } },
  "alb.exp": { header: data, refusals: { TokenMalformed: "exp", TokenExpired: "exp" } },
  "access.payload": { header: accessToken, refusals: { TokenMalformed: "payload" } },
  "access.kid": { header: accessToken, refusals: { TokenMalformed: "kid" } },
  "access.iss": { header: accessToken, refusals: { IssuerRefused: "iss" } },
  "access.exp": { header: accessToken, refusals: { TokenMalformed: "exp", TokenExpired: "exp" } },

  // The checks from here on need keys.
  "alb.key": { header: data, refusals: { KeyUnknown: "kid" } },
  "alb.signature": { header: data, refusals: { SignatureInvalid: "signature" } },
  "access.key": { header: accessToken, refusals: { KeyUnknown: "kid" } },
  "access.signature": { header: accessToken, refusals: { SignatureInvalid: "signature" } },
  "alb.payload": { header: data, refusals: { TokenMalformed: "payload" } },
  "alb.payload.iss": { header: data, refusals: { IssuerRefused: "iss" } },
  "alb.payload.exp": { header: data, refusals: { TokenMalformed: "exp", TokenExpired: "exp" } },
  "access.token_use": { header: accessToken, refusals: { TokenUseRefused: "token_use" }, only: "cognito" },
  "access.client_id": { header: accessToken, refusals: { ClientRefused: "client_id" }, only: "cognito" },
  "access.aud": { header: accessToken, refusals: { ClientRefused: "aud" }, only: "oidc" },
  "access.nbf": { header: accessToken, refusals: { TokenMalformed: "nbf", TokenNotYetValid: "nbf" } },
  "subject.alb": { header: data, refusals: { TokenMalformed: "sub" } },
  "subject.access": { header: accessToken, refusals: { SubjectMismatch: "sub" } },
  "subject.identity": { header: identity, refusals: { SubjectMismatch: "sub" } }
} as const satisfies Readonly<Record<string, Row>>

/** The stable id of a check: `alb.signer`. */
export type CheckId = keyof typeof checks

type RefusalsOf<Id extends CheckId> = (typeof checks)[Id]["refusals"]

/** The errors that a check can fail with. */
export type RefusalTag<Id extends CheckId> = Id extends CheckId ? keyof RefusalsOf<Id> : never

/** The name of the failed check in an error, as the standard term: `signer`, `exp`, `kid` … */
export type CheckName = { [Id in CheckId]: RefusalsOf<Id>[keyof RefusalsOf<Id>] }[CheckId]

/** The ids of all checks, in the order in which they run. */
export const checkIds = Object.keys(checks) as ReadonlyArray<CheckId>

/** The name of this check in an error with this tag. `undefined`: the check cannot fail with this error. */
export const checkNameOf = (id: CheckId, tag: string): CheckName | undefined => {
  const refusals: Readonly<Partial<Record<string, CheckName>>> = checks[id].refusals
  return refusals[tag]
}
