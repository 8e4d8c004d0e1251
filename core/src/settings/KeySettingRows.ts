/**
 * How keys are fetched and cached: the options in `keys`, one row each. The meaning of the durations is in
 * `remote/Freshness.ts`.
 */
import type { KeyOptions } from "./Options.ts"
import type { DurationRow, SettingRow } from "./SettingRow.ts"

export const keyRows = {
  "keys.alb": {
    kind: "object",
    meaning: "the load balancers' keys, PEM by kid",
    more: "for cold starts and networks without internet access"
  },
  "keys.jwks": { kind: "object", meaning: "the issuer's JWK Set", more: "likewise" },
  "keys.preload": { kind: "flag", meaning: "whether the issuers' keys are fetched at start-up", default: true },
  "keys.maxAge": {
    kind: "duration",
    meaning: "how long a key is fresh; it is refreshed in the background from half of that",
    default: "1 hour",
    max: "1 day"
  },
  "keys.staleIfError": {
    kind: "duration",
    meaning: "how long after that a stale key is used while the endpoint is unreachable or responds 5xx",
    more: "[decision 10](decisions/0010-answers-of-key-endpoints.md)",
    default: "12 hours",
    max: "7 days"
  },
  "keys.timeout": { kind: "duration", meaning: "the time limit of one fetch", default: "3 seconds", max: "30 seconds" }
} as const satisfies Readonly<Record<`keys.${keyof KeyOptions}`, SettingRow | DurationRow>>
