/** Checks a key endpoint: its name, certificate and response time, and whether core can use its response. */
import { randomUUID } from "node:crypto"
import type { KeySourceUnavailable, Settings, VerificationKey } from "@cognito-auth/core"
import { count } from "@cognito-auth/core/count"
import { type Jwk, readJwkSet } from "@cognito-auth/core/Key"
import { makeAlbEndpoint } from "@cognito-auth/core/KeySourceAlb"
import { makeJwksEndpoint } from "@cognito-auth/core/KeySourceJwks"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { runWithoutLog } from "../runWithoutLog.ts"
import type { Finding } from "./Finding.ts"
import { type Answered, isAnswered, probe, type Unanswered } from "./probe.ts"

export interface EndpointReport {
  readonly findings: ReadonlyArray<Finding>
  /** The response, for the check of the clock. */
  readonly answer: Answered | undefined
}

/** Larger than any key set. */
const maxBytes = 65_536

/** A slower response noticeably delays the first request after a start. */
const slowMillis = 1_000

const dayMillis = 86_400_000
/** AWS renews its certificates weeks ahead. */
const soonMillis = 14 * dayMillis

export const checkJwks = async (url: string, settings: Settings): Promise<EndpointReport> => {
  const [probed, loaded] = await Promise.all([
    probe(url, { timeoutMillis: settings.keys.timeoutMillis, maxBytes }),
    runWithoutLog(Effect.result(makeJwksEndpoint(url, settings.keys).load("")))
  ])
  const content = Result.isFailure(loaded)
    ? refused("jwks", url, loaded.failure, "Check COGNITO_AUTH_USER_POOL_ID, COGNITO_AUTH_ISSUER and COGNITO_AUTH_JWKS_URL.")
    : ok("jwks.content", url, isAnswered(probed) ? describeKeySet(probed.body) : "usable keys")
  return report("jwks", url, probed, [content])
}

export const checkAlbKeys = async (url: string, settings: Settings, kid: string | undefined): Promise<EndpointReport> => {
  // A random kid: S3, which serves the keys, responds 403 for a kid that does not exist, and for the base URL.
  const randomKid = randomUUID()
  const endpoint = makeAlbEndpoint(url, settings.keys)
  const find = (each: string) => runWithoutLog(Effect.result(endpoint.find(each)))
  const [probed, found, real] = await Promise.all([
    probe(`${url}/${randomKid}`, { timeoutMillis: settings.keys.timeoutMillis, maxBytes }),
    find(randomKid),
    kid === undefined ? undefined : find(kid)
  ])
  const advice = "Check COGNITO_AUTH_REGION, COGNITO_AUTH_ALB_ARN and COGNITO_AUTH_ALB_KEYS_URL."
  const status = isAnswered(probed) ? ` (status ${probed.status})` : ""
  const answer = Result.isFailure(found)
    ? refused("alb-keys", url, found.failure, advice)
    : found.success === undefined
      ? ok("alb-keys.content", url, `has no key for a random kid, as expected${status}`)
      : failed("alb-keys.content", url, "has a key for a random kid", advice)
  return report("alb-keys", url, probed, [answer, ...(real === undefined ? [] : [describeKey(url, real, advice)])])
}

const describeKey = (url: string, found: Result.Result<VerificationKey | undefined, KeySourceUnavailable>, advice: string): Finding => {
  if (Result.isFailure(found)) return { ...refused("alb-keys", url, found.failure, advice), check: "alb-keys.kid" }
  if (found.success !== undefined) return ok("alb-keys.kid", url, "has the key for the kid")
  return failed("alb-keys.kid", url, "has no key for the kid", `${advice} Or the kid belongs to another region, or is too old.`)
}

const describeKeySet = (body: string): string => {
  const { keys } = JSON.parse(body) as { readonly keys: ReadonlyArray<Jwk> }
  const { size } = readJwkSet(keys)
  return size === keys.length ? count(size, "usable key") : `${count(size, "usable key")} of ${keys.length}`
}

const report = (name: "jwks" | "alb-keys", url: string, probed: Answered | Unanswered, content: ReadonlyArray<Finding>): EndpointReport => {
  const findings = [describeName(name, url, probed)]
  if (url.startsWith("https:")) findings.push(describeCertificate(name, url, probed))
  if (isAnswered(probed)) findings.push(describeTime(name, url, probed))
  return { findings: [...findings, ...content], answer: isAnswered(probed) ? probed : undefined }
}

const describeName = (name: string, url: string, probed: Answered | Unanswered): Finding => {
  const { hostname } = new URL(url)
  if (!isAnswered(probed) && probed.stage === "name") {
    return failed(
      `${name}.dns`,
      url,
      `${hostname} cannot be looked up (${probed.reason})`,
      "Check the name for a typo, and this machine's DNS: a VPC needs DNS support, and a private zone or internet access. Or configure the keys (option keys)."
    )
  }
  return ok(`${name}.dns`, url, `${hostname} is ${probed.addresses.join(", ")}`)
}

const describeCertificate = (name: string, url: string, probed: Answered | Unanswered): Finding => {
  const check = `${name}.tls`
  if (!isAnswered(probed)) {
    return probed.stage === "certificate"
      ? failed(
          check,
          url,
          `the certificate is refused (${probed.reason})`,
          "Another server responds for the host, for example a TLS-intercepting proxy. If it is yours, add its CA to NODE_EXTRA_CA_CERTS."
        )
      : { check, about: url, status: "skipped", found: `there was no connection (${probed.reason})` }
  }
  const until = Date.parse(probed.certificate?.valid_to ?? "")
  const found = `the certificate is valid until ${new Date(until).toISOString().slice(0, 10)}`
  return until - Date.now() < soonMillis
    ? {
        check,
        about: url,
        status: "warning",
        found,
        remedy: "The operator of the host must renew it. Once it has expired, the app cannot fetch keys."
      }
    : ok(check, url, found)
}

const describeTime = (name: string, url: string, { millis }: Answered): Finding =>
  millis < slowMillis
    ? ok(`${name}.time`, url, `responds in ${millis} ms`)
    : {
        check: `${name}.time`,
        about: url,
        status: "warning",
        found: `takes ${millis} ms to respond`,
        remedy: "The first requests after a start wait for it. Check the network route; or preload or configure the keys (option keys)."
      }

const refused = (name: string, url: string, { reason }: KeySourceUnavailable, advice: string): Finding =>
  failed(`${name}.content`, url, `gives no usable response: ${reason}`, `${remedyOf(reason)} ${advice}`)

const remedyOf = (reason: string): string => {
  if (reason === "timeout" || reason.startsWith("connection failed")) {
    return "Let this machine reach the host: security group, network ACL, route, proxy."
  }
  if (/^status 3/.test(reason)) return "Redirects are not followed. Configure the target URL, if you trust it."
  if (/^status 5/.test(reason)) return "The host fails. Try again later; until then, apps use their cached keys."
  return "The response does not come from a key endpoint, but perhaps from a captive portal or another server."
}

const ok = (check: string, about: string, found: string): Finding => ({ check, status: "ok", about, found })
const failed = (check: string, about: string, found: string, remedy: string): Finding => ({ check, status: "failed", about, found, remedy })
