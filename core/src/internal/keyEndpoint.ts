/**
 * What both kinds of key endpoint have in common: one fetch for all who wait, refresh in the background, use past the
 * age while the endpoint is down, and a bound on what unknown kids can cause.
 */
import * as Effect from "effect/Effect"
import { KeySourceUnavailable } from "../AuthError.ts"
import type { VerificationKey } from "../Key.ts"
import { type Ages, Freshness } from "./Freshness.ts"
import type { FetchFailed } from "./fetchText.ts"
import { makeSingleFlight } from "./singleFlight.ts"
import { makeUnknownKids } from "./UnknownKids.ts"

export type Keys = ReadonlyMap<string, VerificationKey>

/** The keys of one endpoint; `KeySource` without the source. */
export interface KeyEndpoint {
  readonly peek: (kid: string, nowMillis: number) => VerificationKey | undefined
  readonly find: (kid: string) => Effect.Effect<VerificationKey | undefined, KeySourceUnavailable>
  /** Fetches the unit that holds this kid, if it is not at hand and no keys were given. */
  readonly load: (kid: string) => Effect.Effect<void, KeySourceUnavailable>
}

export interface KeyEndpointOptions {
  /** The endpoint's URL, for errors and logs. */
  readonly source: string
  /** Keys that are used without a fetch, for ever. */
  readonly given: Keys
  readonly ages: Ages
  /** What is fetched together: the name of the unit in which a kid is. */
  readonly unitOf: (kid: string) => string
  /** Fetches a unit. No keys: the endpoint answered that there are none. */
  readonly fetch: (unit: string) => Effect.Effect<Keys, FetchFailed>
}

interface Unit {
  keys: Keys
  readonly freshness: Freshness
}

/** AWS has a few keys in a region at a time; the bound keeps an endpoint that makes them up from filling the memory. */
const maxUnits = 256

export const makeKeyEndpoint = ({ source, given, ages, unitOf, fetch }: KeyEndpointOptions): KeyEndpoint => {
  const units = new Map<string, Unit>()
  const unknownKids = makeUnknownKids()
  let isFailing = false

  const unavailable = (reason: string) =>
    new KeySourceUnavailable({
      source,
      reason,
      retryAfterSeconds: 5,
      message: `The keys of ${source} are not at hand and cannot be fetched: ${reason}. Check that this machine can reach it; nobody is let in or signed out meanwhile.`
    })

  const keep = (name: string, keys: Keys, nowMillis: number) => {
    if (keys.size === 0) return void units.delete(name)
    const unit = units.get(name) ?? { keys, freshness: new Freshness(ages) }
    unit.keys = keys
    unit.freshness.fetched(nowMillis)
    if (!units.has(name) && units.size >= maxUnits) units.delete(units.keys().next().value ?? name)
    units.set(name, unit)
  }

  /** Ends with the failure as a value: whoever waits may still have an older key to go on with. */
  const refresh = makeSingleFlight((name) =>
    Effect.clockWith((clock) =>
      Effect.matchEffect(fetch(name), {
        onSuccess: (keys) => {
          isFailing = false
          keep(name, keys, clock.currentTimeMillisUnsafe())
          return Effect.undefined
        },
        onFailure: (failure) => {
          isFailing = true
          units.get(name)?.freshness.failed(clock.currentTimeMillisUnsafe())
          return Effect.as(Effect.logWarning(`cognito-auth: no keys from ${source}: ${failure.reason}`), failure)
        }
      })
    )
  )

  const lookUp = (kid: string, nowMillis: number): Effect.Effect<VerificationKey | undefined, KeySourceUnavailable> => {
    const name = unitOf(kid)
    const before = units.get(name)
    const isHeld = before?.keys.has(kid) ?? false
    if (!isHeld && !refresh.isRunning(name)) {
      if (unknownKids.has(kid, nowMillis)) return Effect.undefined
      // While the endpoint answers, a kid that there is no ration for counts as unknown; while it is down, nothing does.
      // Which of the two it is, the look-ups under way will tell.
      if (!unknownKids.mayLookUp(nowMillis)) {
        return Effect.flatMap(refresh.joinAny, () => (isFailing ? Effect.fail(unavailable("down")) : Effect.undefined))
      }
    }
    return Effect.flatMap(refresh.join(name), (failure) => {
      if (failure === undefined) {
        const key = units.get(name)?.keys.get(kid)
        if (key === undefined) unknownKids.add(kid, nowMillis)
        return Effect.succeed(key)
      }
      const older = before?.freshness.at(nowMillis) === "gone" ? undefined : before?.keys.get(kid)
      return older === undefined ? Effect.fail(unavailable(failure.reason)) : Effect.succeed(older)
    })
  }

  return {
    peek: (kid, nowMillis) => {
      const key = given.get(kid)
      if (key !== undefined) return key
      const name = unitOf(kid)
      const unit = units.get(name)
      const state = unit?.freshness.at(nowMillis)
      // Due and not yet under way: `find` starts the refresh, and returns at once.
      return state === "fresh" || (state === "due" && refresh.isRunning(name)) ? unit?.keys.get(kid) : undefined
    },
    find: (kid) =>
      Effect.clockWith((clock) => {
        const nowMillis = clock.currentTimeMillisUnsafe()
        const name = unitOf(kid)
        const unit = units.get(name)
        const key = given.get(kid) ?? unit?.keys.get(kid)
        if (key === undefined) return lookUp(kid, nowMillis)
        if (given.has(kid) || unit === undefined) return Effect.succeed(key)
        const state = unit.freshness.at(nowMillis)
        if (state === "fresh") return Effect.succeed(key)
        return state === "due" ? Effect.as(Effect.forkDetach(refresh.join(name)), key) : lookUp(kid, nowMillis)
      }),
    load: (kid) =>
      Effect.suspend(() => {
        const name = unitOf(kid)
        // Whoever gives the keys wants no fetch, or has no way out.
        return units.has(name) || given.size > 0
          ? Effect.void
          : Effect.flatMap(refresh.join(name), (failure) =>
              failure === undefined ? Effect.void : Effect.fail(unavailable(failure.reason))
            )
      })
  }
}
