/** A key endpoint: its name, its certificate, the time it takes, and whether core itself can use what it answers. */
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
  /** The answer, for whoever compares its date. */
  readonly answer: Answered | undefined
}

/** More than any key set: what is larger is something else. */
const maxBytes = 65_536

/** Slower than this, the first request after a start is felt. */
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
  // A made-up kid: S3, which holds the keys, answers 403 for one that does not exist, as it does for the base URL.
  const made = randomUUID()
  const endpoint = makeAlbEndpoint(url, settings.keys)
  const find = (each: string) => runWithoutLog(Effect.result(endpoint.find(each)))
  const [probed, found, real] = await Promise.all([
    probe(`${url}/${made}`, { timeoutMillis: settings.keys.timeoutMillis, maxBytes }),
    find(made),
    kid === undefined ? undefined : find(kid)
  ])
  const advice = "Check COGNITO_AUTH_REGION, COGNITO_AUTH_ALB_ARN and COGNITO_AUTH_ALB_KEYS_URL."
  const status = isAnswered(probed) ? ` (status ${probed.status})` : ""
  const answer = Result.isFailure(found)
    ? refused("alb-keys", url, found.failure, advice)
    : found.success === undefined
      ? ok("alb-keys.content", url, `has no key of a made-up kid, as it should${status}`)
      : failed("alb-keys.content", url, "has a key for a kid that was made up this moment", advice)
  return report("alb-keys", url, probed, [answer, ...(real === undefined ? [] : [describeKey(url, real, advice)])])
}

const describeKey = (url: string, found: Result.Result<VerificationKey | undefined, KeySourceUnavailable>, advice: string): Finding => {
  if (Result.isFailure(found)) return { ...refused("alb-keys", url, found.failure, advice), check: "alb-keys.kid" }
  if (found.success !== undefined) return ok("alb-keys.kid", url, "has the key of the kid")
  return failed("alb-keys.kid", url, "has no key of the kid", `${advice} Or the kid is of another region, or too old.`)
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
      "Check the name for a typo, and this machine's DNS: a VPC needs DNS support, a private zone or a way out. Or give the app its keys (option keys)."
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
          "Something else answers for the host, as a proxy that opens TLS does. If it is yours, name its authority in NODE_EXTRA_CA_CERTS."
        )
      : { check, about: url, status: "skipped", found: `there was no connection (${probed.reason})` }
  }
  const until = Date.parse(probed.certificate?.valid_to ?? "")
  const found = `the certificate is valid until ${new Date(until).toISOString().slice(0, 10)}`
  return until - Date.now() < soonMillis
    ? { check, about: url, status: "warning", found, remedy: "Whoever runs the host must renew it; then the app cannot fetch keys." }
    : ok(check, url, found)
}

const describeTime = (name: string, url: string, { millis }: Answered): Finding =>
  millis < slowMillis
    ? ok(`${name}.time`, url, `answers in ${millis} ms`)
    : {
        check: `${name}.time`,
        about: url,
        status: "warning",
        found: `takes ${millis} ms to answer`,
        remedy:
          "The first requests after a start wait for it. Look at the way out of the network; or preload or give the keys (option keys)."
      }

const refused = (name: string, url: string, { reason }: KeySourceUnavailable, advice: string): Finding =>
  failed(`${name}.content`, url, `gives no usable answer: ${reason}`, `${remedyOf(reason)} ${advice}`)

const remedyOf = (reason: string): string => {
  if (reason === "timeout" || reason.startsWith("connection failed")) {
    return "Let this machine reach the host: security group, network ACL, route, proxy."
  }
  if (/^status 3/.test(reason)) return "A redirect is not followed: configure the URL that it leads to, if it is to be trusted."
  if (/^status 5/.test(reason)) return "The host fails: try again later; keys that an app holds already are used meanwhile."
  return "What answers is not the key endpoint: a captive portal or another server, perhaps."
}

const ok = (check: string, about: string, found: string): Finding => ({ check, status: "ok", about, found })
const failed = (check: string, about: string, found: string, remedy: string): Finding => ({ check, status: "failed", about, found, remedy })
