/** How long something took, as events have it. */
import type * as Clock from "effect/Clock"

/** The milliseconds since the clock's `monotonicTimeNanosUnsafe` was this: it is never set back. */
export const millisSince = (clock: Clock.Clock, startedAtNanos: bigint): number =>
  Number(clock.monotonicTimeNanosUnsafe() - startedAtNanos) / 1e6
