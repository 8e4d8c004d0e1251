/** Step 0, before any token: the request target, and whether a page of another origin sent an unsafe request. */

import { count } from "@cognito-auth/core/count"
import { readOriginFields } from "@cognito-auth/core/Headers"
import { maxTargetLength } from "@cognito-auth/core/Target"
import type { RequestStepId, Shown } from "./Check.ts"
import type { Received } from "./Received.ts"
import { describe, method, origin, word } from "./Redaction.ts"

export const requestChecks: Readonly<Record<RequestStepId, Shown>> = {
  "request.target": {
    stage: "Request",
    title: "target",
    expected: () => `at most ${maxTargetLength} bytes, without a raw #, white space or a control character`,
    actual: ({ request: { target } }) => count(target.length, "character")
  },
  "request.origin": {
    stage: "Request",
    title: "origin",
    expected: ({ settings }) =>
      `a safe method, or a request of ${["the app's own origin", ...settings.allowedOrigins].join(" or ")}, or of no browser`,
    actual: (received) => showOrigin(received)
  }
}

/** What the rule looks at. A page's origin is not personal data, and tells which page it is. */
const showOrigin = ({ request, redaction }: Received): string => {
  const sent = readOriginFields(request.headers)
  const named = [
    ["sec-fetch-site", sent.site, word] as const,
    ["origin", sent.origin, origin] as const,
    ["host", sent.host ?? sent.authority, origin] as const
  ]
  const fields = named.flatMap(([name, value, looksLike]) => (value === undefined ? [] : `${name} ${redaction.show(value, looksLike)}`))
  const how = `${method.test(request.method) ? request.method : describe(request.method)}${request.upgrade ? " as an upgrade" : ""}`
  return [how, ...fields].join(", ")
}
