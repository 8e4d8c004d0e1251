/** Steps 3 and 4: each token's key, from the configured endpoint alone, and its signature. */
import { accessTokenHeader, dataHeader } from "@cognito-auth/core/Headers"
import type { Check } from "./Check.ts"
import { kid } from "./Redaction.ts"

const stage = "Keys and signatures"

const checksOf = (name: "alb" | "access", header: typeof dataHeader | typeof accessTokenHeader): ReadonlyArray<Check> => [
  {
    id: `${name}.key`,
    stage,
    title: `${name} token: key`,
    errors: ["KeyUnknown", "KeySourceUnavailable"],
    header,
    evidence: "kid",
    expected: ({ settings }) =>
      `a key of this kid at ${[...new Set((name === "alb" ? settings.signers : settings.issuers).values())].join(" or ")}`,
    actual: (seen) => `kid ${seen.redaction.show(seen[name].header?.["kid"], kid)}`
  },
  {
    id: `${name}.signature`,
    stage,
    title: `${name} token: signature`,
    errors: ["SignatureInvalid"],
    header,
    evidence: "signature",
    expected: () => "that key's, over the text exactly as it came",
    actual: (seen) => `${seen[name].segments[2]?.length ?? 0} characters of signature`
  }
]

export const keyChecks: ReadonlyArray<Check> = [...checksOf("alb", dataHeader), ...checksOf("access", accessTokenHeader)]
