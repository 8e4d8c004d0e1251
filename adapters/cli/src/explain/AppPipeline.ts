/** The app's own pipeline with the app's own settings. It makes every decision of `explain`. */
import { CognitoAuth, ConfigurationError, type Decision, KeySource, type Options, type Settings } from "@cognito-auth/core"
import { urlsOf } from "@cognito-auth/core/configuredKeys"
import { makeRoute } from "@cognito-auth/core/Route"
import { readSettings } from "@cognito-auth/core/Settings"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { runWithoutLog } from "../runWithoutLog.ts"
import type { ReadRequest } from "./readRequests.ts"

export interface AppPipeline {
  readonly settings: Settings
  /** The app's decision for the request at this time, or a promise of it if a key or the policy must be awaited. */
  readonly decide: (request: ReadRequest, nowMillis: number) => Decision | Promise<Decision>
  /** Runs an Effect with the clock at this time. */
  readonly run: <A>(effect: Effect.Effect<A>, nowMillis: number) => Promise<A>
}

/** Throws `ConfigurationError` with every fault. With `keys`, nothing is fetched: any other kid is unknown. */
export const makeAppPipeline = (options: Options): AppPipeline => {
  const read = readSettings(options, options.environment ?? process.env)
  if (Result.isFailure(read)) throw ConfigurationError.of(read.failure)
  // Not watched: a watch would reload the policy with the real clock, but requests are checked as of another time.
  const policy = { ...read.success.policySource, watch: Effect.void }
  const keySource = options.keys === undefined ? options.keySource : offline(read.success)
  const { decideNow, settings } = CognitoAuth.make({ ...options, policy, keySource })
  const route = makeRoute()
  const run: AppPipeline["run"] = (effect, nowMillis) => runWithoutLog(Effect.provideService(effect, Clock.Clock, clockFrom(nowMillis)))
  return {
    settings,
    run,
    decide: (request, nowMillis) => {
      const decision = decideNow(request, route, nowMillis)
      return Effect.isEffect(decision) ? run(decision, nowMillis) : decision
    }
  }
}

const offline = ({ keys, signers, issuers }: Settings): KeySource["Service"] =>
  KeySource.memory([
    ...urlsOf(signers).flatMap((source) => [...keys.alb].map(([kid, key]) => ({ source, kid, key }))),
    ...urlsOf(issuers).flatMap((source) => [...keys.jwks].map(([kid, key]) => ({ source, kid, key })))
  ])

const real = Effect.runSync(Clock.clockWith(Effect.succeed))

/** A clock that starts at `nowMillis`. Timeouts still take their real duration. */
const clockFrom = (nowMillis: number): Clock.Clock => {
  const shift = nowMillis - real.currentTimeMillisUnsafe()
  const millis = () => real.currentTimeMillisUnsafe() + shift
  const nanos = () => real.currentTimeNanosUnsafe() + BigInt(Math.trunc(shift)) * 1_000_000n
  return {
    currentTimeMillisUnsafe: millis,
    currentTimeMillis: Effect.sync(millis),
    currentTimeNanosUnsafe: nanos,
    currentTimeNanos: Effect.sync(nanos),
    monotonicTimeNanosUnsafe: () => real.monotonicTimeNanosUnsafe(),
    monotonicTimeNanos: real.monotonicTimeNanos,
    sleep: (duration) => real.sleep(duration)
  }
}
