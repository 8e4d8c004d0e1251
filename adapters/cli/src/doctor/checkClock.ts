/** Compares this machine's clock with the `Date` of the key hosts (RFC 9110 §6.6.1). */
import type { Settings } from "@cognito-auth/core"
import type { EndpointReport } from "./checkEndpoint.ts"
import type { Finding } from "./Finding.ts"
import type { Answered } from "./probe.ts"

/** One finding for each host. */
export const checkClocks = (
  endpoints: ReadonlyArray<readonly [url: string, report: EndpointReport]>,
  settings: Settings
): ReadonlyArray<Finding> => {
  const hosts = new Map<string, Finding>()
  for (const [url, { answer }] of endpoints) {
    const { host } = new URL(url)
    if (answer !== undefined && !hosts.has(host)) hosts.set(host, checkClock(host, answer, settings))
  }
  return [...hosts.values()]
}

const checkClock = (host: string, answer: Answered, { clockToleranceMillis }: Settings): Finding => {
  const date = Date.parse(answer.headers.date ?? "")
  if (Number.isNaN(date)) return { check: "clock", status: "skipped", about: host, found: "its response has no date" }
  // A cached response has its original date, and its age in seconds.
  const age = Number(answer.headers.age ?? 0) * 1000 || 0
  // A Date is truncated to seconds: the middle of the second is the best estimate.
  const ahead = answer.at - (date + age + 500)
  const uncertain = answer.uncertainMillis + 500
  const seconds = (millis: number) => `${(Math.abs(millis) / 1000).toFixed(1)} seconds`
  if (Math.abs(ahead) <= clockToleranceMillis + uncertain) {
    return { check: "clock", status: "ok", about: host, found: `agrees within ${seconds(Math.max(Math.abs(ahead), uncertain))}` }
  }
  return {
    check: "clock",
    status: "failed",
    about: host,
    found: `this machine is ${seconds(ahead)} ${ahead > 0 ? "ahead" : "behind"}; the tolerance is ${seconds(clockToleranceMillis)}`,
    remedy: "Set the clock by NTP (on EC2: chrony with 169.254.169.123). Otherwise valid tokens are refused, or expired ones admitted."
  }
}
