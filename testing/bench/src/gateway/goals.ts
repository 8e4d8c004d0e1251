/** What the gateway's cost must be, each a ratio within a round; the median of all rounds counts. */
import { median } from "../interleave.ts"
import type { Figures, Kind } from "./measure.ts"

export interface Goal {
  readonly kind: Kind
  readonly than: string
  readonly atMost: number
}

export const goals: ReadonlyArray<Goal> = [
  { kind: "small", than: "plain", atMost: 1.1 },
  { kind: "small", than: "Caddy", atMost: 1 },
  { kind: "large", than: "oauth2-proxy", atMost: 1 },
  { kind: "events", than: "Caddy", atMost: 1.8 }
]

/** The gateway's figure over another's, of every round. */
const ratios = (figures: Readonly<Record<string, Figures>>, { kind, than }: Goal): ReadonlyArray<number> => {
  const ours = figures["gateway"]?.[kind] ?? []
  const others = figures[than]?.[kind] ?? []
  return others.map((seconds, round) => (ours[round] ?? Number.NaN) / seconds)
}

/** `undefined`: the other was not there. */
export const ratioOf = (figures: Readonly<Record<string, Figures>>, goal: Goal): number | undefined => {
  const all = ratios(figures, goal)
  return all.length === 0 ? undefined : median(all)
}
