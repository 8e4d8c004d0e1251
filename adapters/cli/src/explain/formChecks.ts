/** Step 2, before any key: the form of both tokens, and what their JOSE headers say; the access token's issuer and expiry too. */
import type { IdentityHeader } from "@cognito-auth/core"
import { accessTokenHeader, dataHeader } from "@cognito-auth/core/Headers"
import { accessForm, albForm, type JwsForm } from "@cognito-auth/core/Jws"
import { count } from "../terminal/count.ts"
import type { Check } from "./Check.ts"
import { arn, clientId, describe, issuerUrl, kid, word } from "./Redaction.ts"
import type { Seen } from "./Seen.ts"
import { showTime } from "./showTime.ts"
import type { Token } from "./Token.ts"

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
    actual: (seen) => showForm(seen[name])
  },
  {
    id: `${name}.jose`,
    stage,
    title: `${name} token: JOSE header`,
    errors: ["TokenMalformed"],
    header,
    evidence: "JOSE header",
    expected: () => "a JSON object, each name once",
    actual: (seen) => (seen[name].header === undefined ? "cannot be read as one" : "a JSON object")
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
      actual: (seen) => showMember(seen, seen[name], evidence, word)
    })
  )
]

const list = (values: Iterable<string>): string => [...values].join(" or ")

/** Later than the time of judging, but for the tolerance. */
const laterThanNow = ({ settings, nowMillis }: Seen): string =>
  `after ${new Date(nowMillis).toISOString()}, give or take ${settings.clockToleranceMillis / 1000} seconds`

export const formChecks: ReadonlyArray<Check> = [
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
    actual: (seen) => showMember(seen, seen.alb, "kid", kid)
  },
  {
    id: "alb.signer",
    stage,
    title: "alb token: signer",
    errors: ["SignerRefused"],
    header: dataHeader,
    evidence: "signer",
    expected: ({ settings }) => list(settings.signers.keys()),
    actual: (seen) => showMember(seen, seen.alb, "signer", arn)
  },
  {
    id: "alb.client",
    stage,
    title: "alb token: client",
    errors: ["ClientRefused"],
    header: dataHeader,
    evidence: "client",
    expected: ({ settings }) => list(settings.clientIds),
    actual: (seen) => showMember(seen, seen.alb, "client", clientId)
  },
  {
    id: "alb.iss",
    stage,
    title: "alb token: iss",
    errors: ["IssuerRefused"],
    header: dataHeader,
    evidence: "iss",
    expected: ({ settings }) => list(settings.issuers.keys()),
    actual: (seen) => showMember(seen, seen.alb, "iss", issuerUrl)
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
    actual: (seen) => showMember(seen, seen.access, "kid", kid)
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

const showMember = ({ redaction }: Seen, { header }: Token, name: string, looksLike: RegExp): string =>
  redaction.show(header?.[name], looksLike)

const showForm = ({ text, segments }: Token): string => {
  if (text === "") return "nothing to read"
  const strange = /[^A-Za-z0-9_=.-]/.test(text) ? ", with characters that base64url does not have" : ""
  const sizes = segments.length > 4 ? "" : ` of ${segments.map((segment) => segment.length).join(", ")} characters`
  const padding = text.includes("=") ? ", padded" : ""
  return `${segments.length > 4 ? "five or more segments" : count(segments.length, "segment")}${sizes}${padding}${strange}`
}
