/** Runs an Effect without core's log, because the command prints the same information. */
import * as Effect from "effect/Effect"
import { MinimumLogLevel } from "effect/References"

export const runWithoutLog = <A>(effect: Effect.Effect<A>): Promise<A> =>
  Effect.runPromise(Effect.provideService(effect, MinimumLogLevel, "None"))
