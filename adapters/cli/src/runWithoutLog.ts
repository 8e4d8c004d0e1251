/** Runs an Effect without core's log: what it would say is in what the command prints. */
import * as Effect from "effect/Effect"
import { MinimumLogLevel } from "effect/References"

export const runWithoutLog = <A>(effect: Effect.Effect<A>): Promise<A> =>
  Effect.runPromise(Effect.provideService(effect, MinimumLogLevel, "None"))
