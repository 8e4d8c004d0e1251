/**
 * The checks that need no keys: the three headers, the form and JOSE headers of both tokens, and the access token's issuer and expiry.
 */
import type { CheckId } from "@cognito-auth/core/Check"
import { count } from "@cognito-auth/core/count"
import { verifiesAccessToken } from "@cognito-auth/core/Expected"
import { accessTokenHeader, dataHeader, identityHeader, maxHeaderLength } from "@cognito-auth/core/Headers"
import { accessForm, albForm, type JwsForm } from "@cognito-auth/core/Jws"
import type { Shown } from "./Check.ts"
import type { AccessTokenName, Received, Token, TokenName } from "./Received.ts"
import { arn, clientId, describe, issuerUrl, kid, word } from "./Redaction.ts"
import { showTime } from "./time.ts"

export const size = `under ${maxHeaderLength.toLocaleString("en-GB")} characters`

const httpHeaderChecks = {
  "header.data": {
    stage: "Headers",
    title: dataHeader,
    expected: () => `sent once, ${size}`,
    actual: ({ data }) => showValues(data)
  },
  "header.accesstoken": {
    stage: "Headers",
    title: accessTokenHeader,
    expected: ({ settings }) => (verifiesAccessToken(settings.provider) ? `sent once, ${size}` : "anything: it is ignored"),
    actual: ({ settings, accessToken }) => `${verifiesAccessToken(settings.provider) ? "" : "ignored; "}${showValues(accessToken)}`
  },
  "header.identity": {
    stage: "Headers",
    title: identityHeader,
    expected: () => "sent once, or not at all",
    actual: ({ identity }) => showValues(identity)
  }
} satisfies Partial<Record<CheckId, Shown>>

export const showValues = (values: ReadonlyArray<unknown>): string => {
  if (values.length === 0) return "not sent"
  if (values.length > 1) return `sent ${values.length} times`
  const [value] = values
  if (typeof value !== "string") return describe(value)
  if (value === "") return "sent empty"
  return `sent once, ${count(value.length, "character")}${value.includes(",") ? ", with a comma in it" : ""}`
}

const stage = "Form and JOSE header"

export const form = (name: TokenName, { padding }: JwsForm): Shown => ({
  stage,
  title: `${name} token: form`,
  expected: () => `three segments of canonical base64url${padding ? ", with all of its = padding or none" : ", without padding"}`,
  actual: (received) => showForm(received[name])
})

export const jose = (name: TokenName): Shown => ({
  stage,
  title: `${name} token: JOSE header`,
  expected: () => "a JSON object with unique names",
  actual: (received) => (received[name].header === undefined ? "cannot be read as one" : "a JSON object")
})

export const joseMember = (name: TokenName, member: "alg" | "crit" | "b64", expected: string): Shown => ({
  stage,
  title: `${name} token: ${member}`,
  expected: () => expected,
  actual: (received) => showMember(received, received[name], member, word)
})

export const list = (values: Iterable<string>): string => [...values].join(" or ")

/** Later than the time of the check, with the tolerance. */
const laterThanNow = ({ settings, nowMillis }: Received): string =>
  `after ${new Date(nowMillis).toISOString()}, with a tolerance of ${settings.clockToleranceMillis / 1000} seconds`

export const payload = (name: AccessTokenName): Shown => ({
  stage,
  title: `${name} token: payload`,
  expected: () => "a JSON object with unique names",
  actual: (received) => (received[name].payload === undefined ? "cannot be read as one" : "a JSON object")
})

export const keyId = (name: AccessTokenName): Shown => ({
  stage,
  title: `${name} token: kid`,
  expected: () => "a string",
  actual: (received) => showMember(received, received[name], "kid", kid)
})

export const expiry = (name: AccessTokenName): Shown => ({
  stage,
  title: `${name} token: exp`,
  expected: laterThanNow,
  actual: (received) => showPayloadTime(received, name, "exp")
})

/** A time in a token's payload. */
export const showPayloadTime = (received: Received, name: TokenName, claim: "exp" | "nbf"): string => {
  const time = received[name].payload?.[claim]
  return showTime(time, received.nowMillis) ?? describe(time)
}

const tokenChecks = {
  "alb.form": form("alb", albForm),
  "alb.jose": jose("alb"),
  "alb.alg": joseMember("alb", "alg", albForm.algorithm),
  "alb.crit": joseMember("alb", "crit", "absent"),
  "alb.b64": joseMember("alb", "b64", "absent"),
  "access.form": form("access", accessForm),
  "access.jose": jose("access"),
  "access.alg": joseMember("access", "alg", accessForm.algorithm),
  "access.crit": joseMember("access", "crit", "absent"),
  "access.b64": joseMember("access", "b64", "absent"),
  "alb.kid": {
    stage,
    title: "alb token: kid",
    expected: () => "a UUID",
    actual: (received) => showMember(received, received.alb, "kid", kid)
  },
  "alb.signer": {
    stage,
    title: "alb token: signer",
    expected: ({ settings }) => list(settings.signers.keys()),
    actual: (received) => showMember(received, received.alb, "signer", arn)
  },
  "alb.client": {
    stage,
    title: "alb token: client",
    expected: ({ settings }) => list(settings.clientIds),
    actual: (received) => showMember(received, received.alb, "client", clientId)
  },
  "alb.iss": {
    stage,
    title: "alb token: iss",
    expected: ({ settings }) => list(settings.issuers.keys()),
    actual: (received) => showMember(received, received.alb, "iss", issuerUrl)
  },
  "alb.exp": {
    stage,
    title: "alb token: exp",
    expected: laterThanNow,
    actual: ({ alb, nowMillis }) => showTime(alb.header?.["exp"], nowMillis) ?? describe(alb.header?.["exp"])
  },
  "access.payload": payload("access"),
  "access.kid": keyId("access"),
  "access.iss": {
    stage,
    title: "access token: iss",
    expected: ({ settings }) => `the iss of the alb token: ${list(settings.issuers.keys())}`,
    actual: ({ access, redaction }) => redaction.show(access.payload?.["iss"], issuerUrl)
  },
  "access.exp": expiry("access")
} satisfies Partial<Record<CheckId, Shown>>

const showMember = ({ redaction }: Received, { header }: Token, name: string, looksLike: RegExp): string =>
  redaction.show(header?.[name], looksLike)

const showForm = ({ text, segments }: Token): string => {
  if (text === "") return "empty"
  const invalid = /[^A-Za-z0-9_=.-]/.test(text) ? ", with characters that base64url does not have" : ""
  const sizes = segments.length > 4 ? "" : ` of ${segments.map((segment) => segment.length).join(", ")} characters`
  const padding = text.includes("=") ? ", padded" : ""
  return `${segments.length > 4 ? "five or more segments" : count(segments.length, "segment")}${sizes}${padding}${invalid}`
}

export const headerChecks = { ...httpHeaderChecks, ...tokenChecks }
