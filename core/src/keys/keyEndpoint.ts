/**
 * What both kinds of key endpoint have in common: one fetch for all who wait, refresh in the background, use past the
 * age while the endpoint is down, and a bound on what unknown kids can cause.
 *
 * What an answer means for a key that is held (the whole table is in docs/decisions/0010-answers-of-key-endpoints.md): until
 * `maxAge` nothing but a key set without it ends its use. After that it is used only while there is an outage; any other
 * failure means 503. A 403, 404 or 410 makes a kid unknown only where its key is not held, or past stale-if-error.
 */
import * as Effect from "effect/Effect"
import { KeySourceUnavailable } from "../errors/AuthError.ts"
import { type Ages, Freshness } from "../remote/Freshness.ts"
import { type FetchFailed, isOutage } from "../remote/fetchText.ts"
import { makeSingleFlight } from "../remote/singleFlight.ts"
import { isSameKey, type VerificationKey } from "./Key.ts"
import { makeUnknownKids } from "./UnknownKids.ts"

export type Keys = ReadonlyMap<string, VerificationKey>

/** How keys are fetched, and how long they are cached. Durations are in milliseconds; their defaults are in `settings/SettingRows.ts`. */
export interface KeySettings {
  /** Given ALB keys, by kid. */
  readonly alb: Keys
  /** Given pool keys, by kid. */
  readonly jwks: Keys
  readonly preload: boolean
  readonly maxAgeMillis: number
  readonly staleIfErrorMillis: number
  readonly timeoutMillis: number
}

/** The keys of one endpoint; `KeySource` without the source. */
export interface KeyEndpoint {
  readonly peek: (kid: string, nowMillis: number) => VerificationKey | undefined
  readonly find: (kid: string) => Effect.Effect<VerificationKey | undefined, KeySourceUnavailable>
  /** Fetches the unit that holds this kid, if it is not held and no keys were given. */
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
  /** Fetches a unit. A failure of the kind `absent` says that its kids do not exist. */
  readonly fetch: (unit: string) => Effect.Effect<Keys, FetchFailed>
}

interface Unit {
  keys: Keys
  readonly freshness: Freshness
  /** Why the last attempt failed, if it did. */
  lastFailure: string
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
      message: `No usable key is held of ${source}, and none can be fetched: ${reason}. Check that this machine can reach it; nobody is let in or signed out meanwhile.`
    })

  const keep = (name: string, keys: Keys, nowMillis: number) => {
    const unit = units.get(name) ?? { keys: noKeys, freshness: new Freshness(ages), lastFailure: "" }
    unit.keys = withSameObjects(keys, unit.keys)
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
          isFailing = failure.kind !== "absent"
          const unit = units.get(name)
          unit?.freshness.failed(clock.currentTimeMillisUnsafe(), isOutage(failure))
          if (unit !== undefined) unit.lastFailure = failure.reason
          // That a kid which nobody holds does not exist is no fault of the endpoint.
          if (unit === undefined && !isFailing) return Effect.succeed(failure)
          return Effect.as(Effect.logWarning(`cognito-auth: no keys from ${source}: ${failure.reason}`), failure)
        }
      })
    )
  )

  /** The key of this kid if it is held, and what may be done with it. */
  const heldAt = (kid: string, nowMillis: number) => {
    const unit = units.get(unitOf(kid))
    const key = unit?.keys.get(kid)
    return unit === undefined || key === undefined ? undefined : { key, unit, state: unit.freshness.at(nowMillis) }
  }

  /** Asks the endpoint, and then says what is known of the kid. */
  const ask = (kid: string): Effect.Effect<VerificationKey | undefined, KeySourceUnavailable> =>
    Effect.flatMap(refresh.join(unitOf(kid)), (failure) =>
      Effect.clockWith((clock) => {
        const nowMillis = clock.currentTimeMillisUnsafe()
        if (failure === undefined) {
          const key = units.get(unitOf(kid))?.keys.get(kid)
          if (key === undefined) unknownKids.add(kid, nowMillis)
          return Effect.succeed(key)
        }
        const held = heldAt(kid, nowMillis)
        if (held?.state === "fresh" || held?.state === "refresh") return Effect.succeed(held.key)
        const isHeld = held !== undefined && held.state !== "expired"
        if (isHeld || failure.kind !== "absent") return Effect.fail(unavailable(failure.reason))
        unknownKids.add(kid, nowMillis)
        return Effect.undefined
      })
    )

  const findUnheld = (kid: string, nowMillis: number): Effect.Effect<VerificationKey | undefined, KeySourceUnavailable> => {
    if (refresh.isRunning(unitOf(kid))) return ask(kid)
    if (unknownKids.has(kid, nowMillis)) return Effect.undefined
    if (unknownKids.mayLookUp(nowMillis)) return ask(kid)
    // While the endpoint answers, a kid beyond the rate limit counts as unknown; while it is down, nothing does. Which of
    // the two it is, the look-ups under way will tell.
    return Effect.flatMap(refresh.joinAny, () => (isFailing ? Effect.fail(unavailable("down")) : Effect.undefined))
  }

  return {
    peek: (kid, nowMillis) => {
      const key = given.get(kid)
      if (key !== undefined) return key
      const name = unitOf(kid)
      const unit = units.get(name)
      const state = unit?.freshness.at(nowMillis)
      // To be refreshed, and that is not yet under way: `find` starts it, and returns at once.
      return state === "fresh" || (state === "refresh" && refresh.isRunning(name)) ? unit?.keys.get(kid) : undefined
    },
    find: (kid) =>
      Effect.clockWith((clock) => {
        const key = given.get(kid)
        if (key !== undefined) return Effect.succeed(key)
        const nowMillis = clock.currentTimeMillisUnsafe()
        const held = heldAt(kid, nowMillis)
        switch (held?.state) {
          case undefined:
            return findUnheld(kid, nowMillis)
          case "fresh":
            return Effect.succeed(held.key)
          case "refresh":
            return Effect.as(Effect.forkDetach(refresh.join(unitOf(kid))), held.key)
          case "stale":
            return ask(kid)
          case "expired":
            // It was a key, so forged kids must not use up its look-up.
            return held.unit.freshness.mayAsk(nowMillis) && !unknownKids.has(kid, nowMillis) ? ask(kid) : findUnheld(kid, nowMillis)
          case "refused":
            return Effect.fail(unavailable(held.unit.lastFailure))
        }
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

const noKeys: Keys = new Map()

/**
 * The keys just fetched; each that was held before as the object that it was. What is cached of a session is bound to the
 * object of its key, so a new one for the same key would make every session verify again.
 */
const withSameObjects = (fetched: Keys, held: Keys): Keys =>
  new Map(
    Array.from(fetched, ([kid, key]) => {
      const before = held.get(kid)
      return [kid, before !== undefined && isSameKey(before, key) ? before : key]
    })
  )
