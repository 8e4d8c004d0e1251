/** This machine's clock against the key hosts' `Date` (RFC 9110 §6.6.1). */
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
  if (Number.isNaN(date)) return { check: "clock", status: "skipped", about: host, found: "its answer has no date" }
  // A cache answers with the date of what it holds, and tells its age in seconds.
  const age = Number(answer.headers.age ?? 0) * 1000 || 0
  // A Date is of whole seconds, cut off: the middle of its second is the best guess.
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
    found: `this machine is ${seconds(ahead)} ${ahead > 0 ? "ahead" : "behind"}; tolerated are ${seconds(clockToleranceMillis)}`,
    remedy: "Set the clock by NTP (on EC2: chrony with 169.254.169.123): else tokens that are good are refused, or expired ones admitted."
  }
}
