/** The app's own pipeline, with the app's own settings: every verdict comes from here. */
import { CognitoAuth, type Decision, KeySource, type Options, type Settings } from "@cognito-auth/core"
import { makeRoute } from "@cognito-auth/core/Route"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { quietly } from "../quietly.ts"
import type { ReadRequest } from "./ReadRequest.ts"
import { clockFrom } from "./ShiftedClock.ts"

export interface Judge {
  readonly settings: Settings
  /** The decision of the app on the request at this time: at once, unless a key or the policy must be waited for. */
  readonly decide: (request: ReadRequest, nowMillis: number) => Decision | Promise<Decision>
  /** Runs an Effect as of this time. */
  readonly run: <A>(effect: Effect.Effect<A>, nowMillis: number) => Promise<A>
}

/** Throws `ConfigurationError` with every fault. With `keys`, nothing is ever fetched: a kid that is not among them is unknown. */
export const makeJudge = (options: Options): Judge => {
  const auth = CognitoAuth.make(options)
  const { decideNow, settings } = options.keys === undefined ? auth : CognitoAuth.make({ ...options, keySource: offline(auth.settings) })
  const route = makeRoute()
  const run: Judge["run"] = (effect, nowMillis) => quietly(Effect.provideService(effect, Clock.Clock, clockFrom(nowMillis)))
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
    ...[...new Set(signers.values())].flatMap((source) => [...keys.alb].map(([kid, key]) => ({ source, kid, key }))),
    ...[...new Set(issuers.values())].flatMap((source) => [...keys.jwks].map(([kid, key]) => ({ source, kid, key })))
  ])
