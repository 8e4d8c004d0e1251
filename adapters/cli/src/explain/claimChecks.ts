/**
 * The checks that need keys: the key and signature of each token, the claims of both tokens, the same subject, and the policy.
 */
import { urlsOf } from "@cognito-auth/core/configuredKeys"
import { identityHeader } from "@cognito-auth/core/Headers"
import type { Shown, StepId } from "./Check.ts"
import { showPayloadTime } from "./headerChecks.ts"
import type { AccessTokenName, TokenName } from "./Received.ts"
import { audience, clientId, issuerUrl, kid, word } from "./Redaction.ts"

export const key = (name: TokenName): Shown => ({
  stage: "Keys and signatures",
  title: `${name} token: key`,
  expected: ({ settings }) => `a key with this kid at ${urlsOf(name === "alb" ? settings.signers : settings.issuers).join(" or ")}`,
  actual: (received) => `kid ${received.redaction.show(received[name].header?.["kid"], kid)}`
})

export const signature = (name: TokenName): Shown => ({
  stage: "Keys and signatures",
  title: `${name} token: signature`,
  expected: () => "by that key, over the token exactly as received",
  actual: (received) => `${received[name].segments[2]?.length ?? 0} characters of signature`
})

const stage = "Claims"

export const tokenUse = (name: AccessTokenName): Shown => ({
  stage,
  title: `${name} token: token_use`,
  expected: () => "access",
  actual: (received) => received.redaction.show(received[name].payload?.["token_use"], word)
})

export const notBefore = (name: AccessTokenName): Shown => ({
  stage,
  title: `${name} token: nbf`,
  expected: () => "now or earlier, or absent",
  actual: (received) => showPayloadTime(received, name, "nbf")
})

export const claimChecks = {
  "alb.key": key("alb"),
  "alb.signature": signature("alb"),
  "access.key": key("access"),
  "access.signature": signature("access"),
  "alb.payload": {
    stage,
    title: "alb token: payload",
    expected: () => "a JSON object with unique names",
    actual: ({ alb }) => (alb.payload === undefined ? "cannot be read as one" : "a JSON object")
  },
  "alb.payload.iss": {
    stage,
    title: "alb token: iss of the payload",
    expected: () => "the iss of the JOSE header, or absent",
    actual: ({ alb, redaction }) => redaction.show(alb.payload?.["iss"], issuerUrl)
  },
  "alb.payload.exp": {
    stage,
    title: "alb token: exp of the payload",
    expected: () => "later than now, or absent",
    actual: (received) => showPayloadTime(received, "alb", "exp")
  },
  "access.token_use": tokenUse("access"),
  "access.client_id": {
    stage,
    title: "access token: client_id",
    expected: ({ settings }) => `the client of the alb token: ${[...settings.clientIds].join(" or ")}`,
    actual: ({ access, redaction }) => redaction.show(access.payload?.["client_id"], clientId)
  },
  "access.aud": {
    stage,
    title: "access token: aud",
    expected: ({ settings: { provider } }) => (provider._tag === "oidc" ? (provider.audience ?? "") : ""),
    actual: ({ access, redaction }) => showAudience(access.payload?.["aud"], (value) => redaction.show(value, audience))
  },
  "access.nbf": notBefore("access"),
  "subject.alb": {
    stage: "Subject",
    title: "alb token: sub",
    expected: () => "a string",
    actual: ({ alb, redaction }) => redaction.subject(alb.payload?.["sub"])
  },
  "subject.access": {
    stage: "Subject",
    title: "access token: sub",
    expected: () => "the sub of the alb token",
    actual: ({ access, alb, redaction }) => same(access.payload?.["sub"], alb.payload?.["sub"], redaction.subject)
  },
  "subject.identity": {
    stage: "Subject",
    title: identityHeader,
    expected: () => "the sub of the alb token, or not sent",
    actual: ({ identity, alb, redaction }) =>
      identity.length === 0 ? "not sent" : same(identity[0], alb.payload?.["sub"], redaction.subject)
  },
  policy: {
    stage: "Policy",
    title: "policy",
    expected: () => "",
    actual: () => ""
  }
} satisfies Partial<Record<StepId, Shown>>

/** RFC 7519 §4.1.3: one, or a list. */
const showAudience = (aud: unknown, show: (value: unknown) => string): string =>
  Array.isArray(aud) && aud.length > 0 && aud.length < 5 ? aud.map(show).join(", ") : show(aud)

const same = (value: unknown, subject: unknown, show: (value: unknown) => string): string =>
  value !== undefined && value === subject ? "the same" : `different: ${show(value)}`
