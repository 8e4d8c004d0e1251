/**
 * How keys are fetched and how long they are cached: the options in `keys`, one row each. What the durations mean is in
 * `remote/Freshness.ts`.
 */
import type { KeyOptions } from "./Options.ts"
import type { DurationRow, SettingRow } from "./SettingRow.ts"

export const keyRows = {
  "keys.alb": {
    kind: "object",
    meaning: "the load balancers' keys, PEM by kid",
    more: "for cold starts and networks without a way out"
  },
  "keys.jwks": { kind: "object", meaning: "the issuer's JWK Set", more: "likewise" },
  "keys.preload": { kind: "flag", meaning: "whether the issuers' keys are fetched at start-up", default: true },
  "keys.maxAge": {
    kind: "duration",
    meaning: "for how long a key is used before it must be seen again at its endpoint",
    default: "1 hour",
    max: "1 day"
  },
  "keys.staleIfError": {
    kind: "duration",
    meaning: "for how long past that while the endpoint cannot be reached or answers 5xx, and after no other answer",
    more: "[decision 10](decisions/0010-answers-of-key-endpoints.md)",
    default: "12 hours",
    max: "7 days"
  },
  "keys.timeout": { kind: "duration", meaning: "the time limit of one fetch", default: "3 seconds", max: "30 seconds" }
} as const satisfies Readonly<Record<`keys.${keyof KeyOptions}`, SettingRow | DurationRow>>
