/**
 * Steps 3 to 7, which need keys: each token's key, from the configured endpoint alone, and its signature; the claims of both tokens, that
 * all is about one user, and the policy.
 */
import { accessTokenHeader, dataHeader, identityHeader } from "@cognito-auth/core/Headers"
import type { Check } from "./Check.ts"
import { clientId, describe, issuerUrl, kid, word } from "./Redaction.ts"
import { showTime } from "./time.ts"

const keyChecksOf = (name: "alb" | "access", header: typeof dataHeader | typeof accessTokenHeader): ReadonlyArray<Check> => [
  {
    id: `${name}.key`,
    stage: "Keys and signatures",
    title: `${name} token: key`,
    errors: ["KeyUnknown", "KeySourceUnavailable"],
    header,
    evidence: "kid",
    expected: ({ settings }) =>
      `a key of this kid at ${[...new Set((name === "alb" ? settings.signers : settings.issuers).values())].join(" or ")}`,
    actual: (received) => `kid ${received.redaction.show(received[name].header?.["kid"], kid)}`
  },
  {
    id: `${name}.signature`,
    stage: "Keys and signatures",
    title: `${name} token: signature`,
    errors: ["SignatureInvalid"],
    header,
    evidence: "signature",
    expected: () => "that key's, over the text exactly as it came",
    actual: (received) => `${received[name].segments[2]?.length ?? 0} characters of signature`
  }
]

const keyChecks: ReadonlyArray<Check> = [...keyChecksOf("alb", dataHeader), ...keyChecksOf("access", accessTokenHeader)]

const stage = "Claims"

export const claimChecks: ReadonlyArray<Check> = [
  ...keyChecks,
  {
    id: "alb.payload",
    stage,
    title: "alb token: payload",
    errors: ["TokenMalformed"],
    header: dataHeader,
    evidence: "payload",
    expected: () => "a JSON object, each name once",
    actual: ({ alb }) => (alb.payload === undefined ? "cannot be read as one" : "a JSON object")
  },
  {
    id: "alb.payload.iss",
    stage,
    title: "alb token: iss of the payload",
    errors: ["IssuerRefused"],
    header: dataHeader,
    evidence: "iss",
    expected: () => "the iss of the JOSE header, or absent",
    actual: ({ alb, redaction }) => redaction.show(alb.payload?.["iss"], issuerUrl)
  },
  {
    id: "alb.payload.exp",
    stage,
    title: "alb token: exp of the payload",
    errors: ["TokenMalformed", "TokenExpired"],
    header: dataHeader,
    evidence: "exp",
    expected: () => "later than now, or absent",
    actual: ({ alb, nowMillis }) => showTime(alb.payload?.["exp"], nowMillis) ?? describe(alb.payload?.["exp"])
  },
  {
    id: "access.token_use",
    stage,
    title: "access token: token_use",
    errors: ["TokenUseRefused"],
    header: accessTokenHeader,
    evidence: "token_use",
    expected: () => "access",
    actual: ({ access, redaction }) => redaction.show(access.payload?.["token_use"], word)
  },
  {
    id: "access.client_id",
    stage,
    title: "access token: client_id",
    errors: ["ClientRefused"],
    header: accessTokenHeader,
    evidence: "client_id",
    expected: ({ settings }) => `the client of the alb token: ${[...settings.clientIds].join(" or ")}`,
    actual: ({ access, redaction }) => redaction.show(access.payload?.["client_id"], clientId)
  },
  {
    id: "access.nbf",
    stage,
    title: "access token: nbf",
    errors: ["TokenMalformed", "TokenNotYetValid"],
    header: accessTokenHeader,
    evidence: "nbf",
    expected: () => "now or earlier, or absent",
    actual: ({ access, nowMillis }) => showTime(access.payload?.["nbf"], nowMillis) ?? describe(access.payload?.["nbf"])
  },
  {
    id: "subject.alb",
    stage: "Subject",
    title: "alb token: sub",
    errors: ["TokenMalformed"],
    header: dataHeader,
    evidence: "sub",
    expected: () => "a text",
    actual: ({ alb, redaction }) => redaction.subject(alb.payload?.["sub"])
  },
  {
    id: "subject.access",
    stage: "Subject",
    title: "access token: sub",
    errors: ["SubjectMismatch"],
    header: accessTokenHeader,
    evidence: "sub",
    expected: () => "the sub of the alb token",
    actual: ({ access, alb, redaction }) => same(access.payload?.["sub"], alb.payload?.["sub"], redaction.subject)
  },
  {
    id: "subject.identity",
    stage: "Subject",
    title: identityHeader,
    errors: ["SubjectMismatch"],
    header: identityHeader,
    evidence: "sub",
    expected: () => "the sub of the alb token, or not sent",
    actual: ({ identity, alb, redaction }) =>
      identity.length === 0 ? "not sent" : same(identity[0], alb.payload?.["sub"], redaction.subject)
  },
  {
    id: "policy",
    stage: "Policy",
    title: "policy",
    errors: ["NotAuthorised", "PolicyUnavailable"],
    expected: () => "",
    actual: () => ""
  }
]

const same = (value: unknown, subject: unknown, show: (value: unknown) => string): string =>
  value !== undefined && value === subject ? "the same" : `another: ${show(value)}`
