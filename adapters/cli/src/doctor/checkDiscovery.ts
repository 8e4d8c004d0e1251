/** What another provider than Cognito says of itself (OpenID Connect Discovery 1.0 §4): the settings are compared with it. The app never reads it. */
import type { Settings } from "@cognito-auth/core"
import { verifiesAccessToken } from "@cognito-auth/core/Expected"
import { isRecord } from "../explain/readRequests.ts"
import type { Finding } from "./Finding.ts"
import { isAnswered, probe } from "./probe.ts"

/** A provider's document is of a few KB. */
const maxBytes = 65_536

export const checkDiscovery = async (settings: Settings): Promise<ReadonlyArray<Finding>> => {
  if (settings.provider._tag === "cognito") return []
  const found = await Promise.all([...settings.issuers].map(([issuer, jwksUrl]) => checkIssuer(issuer, jwksUrl, settings)))
  return verifiesAccessToken(settings.provider) ? found.flat() : [...found.flat(), ignored]
}

const ignored: Finding = {
  check: "jwks",
  status: "skipped",
  found: "the provider's keys are not needed: the access token is ignored"
}

const checkIssuer = async (issuer: string, jwksUrl: string | undefined, settings: Settings): Promise<ReadonlyArray<Finding>> => {
  // §4.1: without the slash at the end of the issuer, if it has one.
  const about = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`
  const answer = await probe(about, { timeoutMillis: settings.keys.timeoutMillis, maxBytes })
  const document = isAnswered(answer) && answer.status === 200 ? parse(answer.body) : undefined
  if (document === undefined) {
    const reason = !isAnswered(answer) ? answer.reason : answer.status === 200 ? "not a JSON object" : `status ${answer.status}`
    const remedy = "The app does not read it. If the provider has one, check COGNITO_AUTH_ISSUER for a typo, and this machine's way out."
    return [{ check: "issuer", status: "warning", about, found: `gives no description of the provider: ${reason}`, remedy }]
  }
  const text = (name: string): string => (typeof document[name] === "string" ? document[name] : "not named")
  if (document["issuer"] !== issuer) {
    const remedy = "Give the issuer exactly so, with or without a slash at its end, in the load balancer's rule and in COGNITO_AUTH_ISSUER."
    return [{ check: "issuer", status: "failed", about, found: `says that the issuer is ${text("issuer")}, not ${issuer}`, remedy }]
  }
  const said = ["userinfo_endpoint", "end_session_endpoint", "jwks_uri"].map((name) => `${name} is ${text(name)}`).join(", ")
  const finding: Finding = { check: "issuer", status: "ok", about, found: `is of this issuer; ${said}` }
  if (jwksUrl === undefined || document["jwks_uri"] === jwksUrl) return [finding]
  const remedy = "If the access token's keys are to be the provider's, set COGNITO_AUTH_JWKS_URL to its jwks_uri."
  return [finding, { check: "issuer.jwks", status: "warning", about, found: `names another key set than ${jwksUrl}`, remedy }]
}

const parse = (body: string): Readonly<Record<string, unknown>> | undefined => {
  try {
    const value: unknown = JSON.parse(body)
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}
