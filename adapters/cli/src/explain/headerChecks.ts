/**
 * Steps 1 and 2, before any key: both tokens are there, once, each as one text of reasonable size; the identity header likewise, if it was
 * sent; the form of both tokens, and what their JOSE headers say; the access token's issuer and expiry too.
 */
import type { IdentityHeader } from "@cognito-auth/core"
import { accessTokenHeader, dataHeader, identityHeader, maxHeaderLength } from "@cognito-auth/core/Headers"
import { accessForm, albForm, type JwsForm } from "@cognito-auth/core/Jws"
import { count } from "../terminal.ts"
import type { Check } from "./Check.ts"
import type { Received, Token } from "./Received.ts"
import { arn, clientId, describe, issuerUrl, kid, word } from "./Redaction.ts"
import { showTime } from "./time.ts"

const errors = ["HeaderMissing", "HeaderInvalid"] as const
const size = `under ${maxHeaderLength.toLocaleString("en-GB")} characters`

const httpHeaderChecks: ReadonlyArray<Check> = [
  {
    id: "header.data",
    stage: "Headers",
    title: dataHeader,
    errors,
    header: dataHeader,
    expected: () => `sent once, ${size}`,
    actual: ({ data }) => showValues(data)
  },
  {
    id: "header.accesstoken",
    stage: "Headers",
    title: accessTokenHeader,
    errors,
    header: accessTokenHeader,
    expected: () => `sent once, ${size}`,
    actual: ({ accessToken }) => showValues(accessToken)
  },
  {
    id: "header.identity",
    stage: "Headers",
    title: identityHeader,
    errors,
    header: identityHeader,
    expected: () => "sent once, or not at all",
    actual: ({ identity }: Received) => showValues(identity)
  }
]

const showValues = (values: ReadonlyArray<unknown>): string => {
  if (values.length === 0) return "not sent"
  if (values.length > 1) return `sent ${values.length} times`
  const [value] = values
  if (typeof value !== "string") return describe(value)
  if (value === "") return "sent empty"
  return `sent once, ${count(value.length, "character")}${value.includes(",") ? ", with a comma in it" : ""}`
}

const stage = "Form and JOSE header"

const jwsChecks = (name: "alb" | "access", header: IdentityHeader, form: JwsForm): ReadonlyArray<Check> => [
  {
    id: `${name}.form`,
    stage,
    title: `${name} token: form`,
    errors: ["TokenMalformed"],
    header,
    evidence: "form",
    expected: () => `three segments of canonical base64url${form.padding ? ", with all of its = padding or none" : ", without padding"}`,
    actual: (received) => showForm(received[name])
  },
  {
    id: `${name}.jose`,
    stage,
    title: `${name} token: JOSE header`,
    errors: ["TokenMalformed"],
    header,
    evidence: "JOSE header",
    expected: () => "a JSON object, each name once",
    actual: (received) => (received[name].header === undefined ? "cannot be read as one" : "a JSON object")
  },
  ...(["alg", "crit", "b64"] as const).map(
    (evidence): Check => ({
      id: `${name}.${evidence}`,
      stage,
      title: `${name} token: ${evidence}`,
      errors: ["AlgorithmRefused"],
      header,
      evidence,
      expected: () => (evidence === "alg" ? form.algorithm : "absent"),
      actual: (received) => showMember(received, received[name], evidence, word)
    })
  )
]

const list = (values: Iterable<string>): string => [...values].join(" or ")

/** Later than the time of judging, but for the tolerance. */
const laterThanNow = ({ settings, nowMillis }: Received): string =>
  `after ${new Date(nowMillis).toISOString()}, give or take ${settings.clockToleranceMillis / 1000} seconds`

const tokenChecks: ReadonlyArray<Check> = [
  ...jwsChecks("alb", dataHeader, albForm),
  ...jwsChecks("access", accessTokenHeader, accessForm),
  {
    id: "alb.kid",
    stage,
    title: "alb token: kid",
    errors: ["TokenMalformed"],
    header: dataHeader,
    evidence: "kid",
    expected: () => "a UUID",
    actual: (received) => showMember(received, received.alb, "kid", kid)
  },
  {
    id: "alb.signer",
    stage,
    title: "alb token: signer",
    errors: ["SignerRefused"],
    header: dataHeader,
    evidence: "signer",
    expected: ({ settings }) => list(settings.signers.keys()),
    actual: (received) => showMember(received, received.alb, "signer", arn)
  },
  {
    id: "alb.client",
    stage,
    title: "alb token: client",
    errors: ["ClientRefused"],
    header: dataHeader,
    evidence: "client",
    expected: ({ settings }) => list(settings.clientIds),
    actual: (received) => showMember(received, received.alb, "client", clientId)
  },
  {
    id: "alb.iss",
    stage,
    title: "alb token: iss",
    errors: ["IssuerRefused"],
    header: dataHeader,
    evidence: "iss",
    expected: ({ settings }) => list(settings.issuers.keys()),
    actual: (received) => showMember(received, received.alb, "iss", issuerUrl)
  },
  {
    id: "alb.exp",
    stage,
    title: "alb token: exp",
    errors: ["TokenMalformed", "TokenExpired"],
    header: dataHeader,
    evidence: "exp",
    expected: laterThanNow,
    actual: ({ alb, nowMillis }) => showTime(alb.header?.["exp"], nowMillis) ?? describe(alb.header?.["exp"])
  },
  {
    id: "access.payload",
    stage,
    title: "access token: payload",
    errors: ["TokenMalformed"],
    header: accessTokenHeader,
    evidence: "payload",
    expected: () => "a JSON object, each name once",
    actual: ({ access }) => (access.payload === undefined ? "cannot be read as one" : "a JSON object")
  },
  {
    id: "access.kid",
    stage,
    title: "access token: kid",
    errors: ["TokenMalformed"],
    header: accessTokenHeader,
    evidence: "kid",
    expected: () => "a text",
    actual: (received) => showMember(received, received.access, "kid", kid)
  },
  {
    id: "access.iss",
    stage,
    title: "access token: iss",
    errors: ["IssuerRefused"],
    header: accessTokenHeader,
    evidence: "iss",
    expected: ({ settings }) => `the iss of the alb token: ${list(settings.issuers.keys())}`,
    actual: ({ access, redaction }) => redaction.show(access.payload?.["iss"], issuerUrl)
  },
  {
    id: "access.exp",
    stage,
    title: "access token: exp",
    errors: ["TokenMalformed", "TokenExpired"],
    header: accessTokenHeader,
    evidence: "exp",
    expected: laterThanNow,
    actual: ({ access, nowMillis }) => showTime(access.payload?.["exp"], nowMillis) ?? describe(access.payload?.["exp"])
  }
]

const showMember = ({ redaction }: Received, { header }: Token, name: string, looksLike: RegExp): string =>
  redaction.show(header?.[name], looksLike)

const showForm = ({ text, segments }: Token): string => {
  if (text === "") return "nothing to read"
  const strange = /[^A-Za-z0-9_=.-]/.test(text) ? ", with characters that base64url does not have" : ""
  const sizes = segments.length > 4 ? "" : ` of ${segments.map((segment) => segment.length).join(", ")} characters`
  const padding = text.includes("=") ? ", padded" : ""
  return `${segments.length > 4 ? "five or more segments" : count(segments.length, "segment")}${sizes}${padding}${strange}`
}

export const headerChecks: ReadonlyArray<Check> = [...httpHeaderChecks, ...tokenChecks]
