/**
 * What both kinds of key endpoint have in common: single-flight fetches, refresh in the background, stale-if-error, and a
 * limit on the fetches that unknown kids can cause.
 *
 * What a response means for a cached key (the whole table is in docs/decisions/0010-answers-of-key-endpoints.md): until
 * `maxAge`, only a key set without the key ends its use. After that, the key is used only during an outage; any other
 * failure means 503. A 403, 404 or 410 makes a kid unknown only if its key is not cached, or is past stale-if-error.
 */
import * as Effect from "effect/Effect"
import { KeySourceUnavailable } from "../errors/AuthError.ts"
import { millisSince } from "../events/millisSince.ts"
import { report } from "../events/Observe.ts"
import { type Ages, Freshness, retryMillis } from "../remote/Freshness.ts"
import { type FetchFailed, isOutage } from "../remote/fetchText.ts"
import { makeSingleFlight } from "../remote/singleFlight.ts"
import { isSameKey, type VerificationKey } from "./Key.ts"
import type { KeysHealth } from "./KeySource.ts"
import { makeUnknownKids } from "./UnknownKids.ts"

export type Keys = ReadonlyMap<string, VerificationKey>

/** How keys are fetched and cached. Durations are in milliseconds; their defaults are in `settings/KeySettingRows.ts`. */
export interface KeySettings {
  /** ALB keys from the configuration, by kid. */
  readonly alb: Keys
  /** Pool keys from the configuration, by kid. */
  readonly jwks: Keys
  readonly preload: boolean
  readonly maxAgeMillis: number
  readonly staleIfErrorMillis: number
  readonly timeoutMillis: number
}

/** The keys of one endpoint: a `KeySource` for a single source. */
export interface KeyEndpoint {
  readonly peek: (kid: string, nowMillis: number) => VerificationKey | undefined
  readonly find: (kid: string) => Effect.Effect<VerificationKey | undefined, KeySourceUnavailable>
  readonly health: (nowMillis: number) => KeysHealth
  /** Fetches the unit that contains this kid, unless it is cached and usable, or keys are configured. */
  readonly load: (kid: string) => Effect.Effect<void, KeySourceUnavailable>
}

export interface KeyEndpointOptions {
  /** The endpoint's URL, for errors and logs. */
  readonly source: string
  /** Keys from the configuration. They are used without a fetch, and never expire. */
  readonly given: Keys
  readonly ages: Ages
  /** The name of the unit that contains a kid. The keys of a unit are fetched together. */
  readonly unitOf: (kid: string) => string
  /** Whether kids are known from tokens alone, so that nothing can be cached before the first one. */
  readonly isOnDemand: boolean
  /** Fetches a unit. A failure of the kind `absent` means that its kids do not exist. */
  readonly fetch: (unit: string) => Effect.Effect<Keys, FetchFailed>
}

interface Unit {
  keys: Keys
  readonly freshness: Freshness
  /** Why the last attempt failed, if it did. */
  lastFailure: string
}

/** AWS has only a few keys in a region at a time. The limit prevents an endpoint that invents keys from filling the memory. */
const maxUnits = 256

export const makeKeyEndpoint = ({ source, given, ages, unitOf, isOnDemand, fetch }: KeyEndpointOptions): KeyEndpoint => {
  const units = new Map<string, Unit>()
  const unknownKids = makeUnknownKids()
  let isFailing = false
  let lastFailure: { readonly reason: string; readonly atMillis: number } | undefined

  const unavailable = (reason: string) =>
    new KeySourceUnavailable({
      source,
      reason,
      retryAfterSeconds: 5,
      message: `No usable key of ${source} is cached, and none can be fetched: ${reason}. Check that this machine can reach it; until then no request is admitted, and no user is signed out.`
    })

  const store = (name: string, keys: Keys, nowMillis: number) => {
    const unit = units.get(name) ?? { keys: noKeys, freshness: new Freshness(ages), lastFailure: "" }
    unit.keys = withSameObjects(keys, unit.keys)
    unit.freshness.fetched(nowMillis)
    if (!units.has(name) && units.size >= maxUnits) units.delete(units.keys().next().value ?? name)
    units.set(name, unit)
  }

  /** Returns the failure as a value, because a waiting request may still be able to use an older key. */
  const refresh = makeSingleFlight((name) =>
    Effect.clockWith((clock) => {
      const startedAt = clock.monotonicTimeNanosUnsafe()
      const fetched = () => ({
        source,
        atMillis: clock.currentTimeMillisUnsafe(),
        durationMillis: millisSince(clock, startedAt)
      })
      return Effect.matchEffect(fetch(name), {
        onSuccess: (keys) => {
          isFailing = false
          lastFailure = undefined
          store(name, keys, clock.currentTimeMillisUnsafe())
          return Effect.as(report({ _tag: "KeysFetched", ...fetched(), keys: keys.size }), undefined)
        },
        onFailure: (failure) => {
          isFailing = failure.kind !== "absent"
          if (isFailing) lastFailure = { reason: failure.reason, atMillis: clock.currentTimeMillisUnsafe() }
          const unit = units.get(name)
          unit?.freshness.failed(clock.currentTimeMillisUnsafe(), isOutage(failure))
          if (unit !== undefined) unit.lastFailure = failure.reason
          // If the kid is not cached and does not exist, the endpoint works correctly.
          if (unit === undefined && !isFailing) return Effect.succeed(failure)
          return Effect.as(report({ _tag: "KeyFetchFailed", ...fetched(), reason: failure.reason }), failure)
        }
      })
    })
  )

  /** The key of this kid if it is cached, and its state. */
  const cachedAt = (kid: string, nowMillis: number) => {
    const unit = units.get(unitOf(kid))
    const key = unit?.keys.get(kid)
    return unit === undefined || key === undefined ? undefined : { key, unit, state: unit.freshness.at(nowMillis) }
  }

  /** Asks the endpoint, then returns the key, or that it is unknown. */
  const ask = (kid: string): Effect.Effect<VerificationKey | undefined, KeySourceUnavailable> =>
    Effect.flatMap(refresh.join(unitOf(kid)), (failure) =>
      Effect.clockWith((clock) => {
        const nowMillis = clock.currentTimeMillisUnsafe()
        if (failure === undefined) {
          const key = units.get(unitOf(kid))?.keys.get(kid)
          if (key === undefined) unknownKids.add(kid, nowMillis)
          return Effect.succeed(key)
        }
        const cached = cachedAt(kid, nowMillis)
        if (cached?.state === "fresh" || cached?.state === "refresh") return Effect.succeed(cached.key)
        const isUsable = cached !== undefined && cached.state !== "expired"
        if (isUsable || failure.kind !== "absent") return Effect.fail(unavailable(failure.reason))
        unknownKids.add(kid, nowMillis)
        return Effect.undefined
      })
    )

  const findUncached = (kid: string, nowMillis: number): Effect.Effect<VerificationKey | undefined, KeySourceUnavailable> => {
    if (refresh.isRunning(unitOf(kid))) return ask(kid)
    if (unknownKids.has(kid, nowMillis)) return Effect.undefined
    if (unknownKids.mayLookUp(nowMillis)) return ask(kid)
    // Beyond the rate limit, a kid counts as unknown while the endpoint responds, and causes a 503 while it is down. The
    // look-ups that are already running show which of the two applies.
    return Effect.flatMap(refresh.joinAny, () => (isFailing ? Effect.fail(unavailable("down")) : Effect.undefined))
  }

  return {
    peek: (kid, nowMillis) => {
      const key = given.get(kid)
      if (key !== undefined) return key
      const name = unitOf(kid)
      const unit = units.get(name)
      const state = unit?.freshness.at(nowMillis)
      // If it is to be refreshed and no refresh is running, `find` starts one and returns immediately.
      return state === "fresh" || (state === "refresh" && refresh.isRunning(name)) ? unit?.keys.get(kid) : undefined
    },
    find: (kid) =>
      Effect.clockWith((clock) => {
        const key = given.get(kid)
        if (key !== undefined) return Effect.succeed(key)
        const nowMillis = clock.currentTimeMillisUnsafe()
        const cached = cachedAt(kid, nowMillis)
        switch (cached?.state) {
          case undefined:
            return findUncached(kid, nowMillis)
          case "fresh":
            return Effect.succeed(cached.key)
          case "refresh":
            return Effect.as(Effect.forkDetach(refresh.join(unitOf(kid))), cached.key)
          case "stale":
            return ask(kid)
          case "expired":
            // This kid has had a key, so forged kids must not use up the rate limit for it.
            return cached.unit.freshness.mayAsk(nowMillis) && !unknownKids.has(kid, nowMillis) ? ask(kid) : findUncached(kid, nowMillis)
          case "refused":
            return Effect.fail(unavailable(cached.unit.lastFailure))
        }
      }),
    health: (nowMillis) => {
      const cached = [...units.values()].filter(({ keys }) => keys.size > 0)
      const ages = cached.flatMap(({ freshness }) => freshness.ageAt(nowMillis) ?? [])
      const canAdmit = cached.some(({ freshness }) => freshness.isUsableAt(nowMillis))
      // Only a request can try again: if failures counted for longer, an app that gets none until it is ready would stay so.
      const hasJustFailed = isFailing && lastFailure !== undefined && Math.abs(nowMillis - lastFailure.atMillis) < retryMillis
      return {
        source,
        of: isOnDemand ? "signer" : "issuer",
        keys: given.size + cached.reduce((sum, { keys }) => sum + keys.size, 0),
        ageMillis: ages.length === 0 ? undefined : Math.min(...ages),
        lastFailure: lastFailure?.reason,
        isUsable: given.size > 0 || canAdmit || (isOnDemand && !hasJustFailed)
      }
    },
    load: (kid) =>
      Effect.clockWith((clock) => {
        const name = unitOf(kid)
        const isCached = units.get(name)?.freshness.isUsableAt(clock.currentTimeMillisUnsafe())
        // With configured keys, a fetch is not wanted, or the network does not allow it.
        return isCached === true || given.size > 0
          ? Effect.void
          : Effect.flatMap(refresh.join(name), (failure) =>
              failure === undefined ? Effect.void : Effect.fail(unavailable(failure.reason))
            )
      })
  }
}

const noKeys: Keys = new Map()

/**
 * The fetched keys, with the previous object for each key that has not changed. A cached session is bound to its key object,
 * so a new object for the same key would cause every session to be verified again.
 */
const withSameObjects = (fetched: Keys, cached: Keys): Keys =>
  new Map(
    Array.from(fetched, ([kid, key]) => {
      const before = cached.get(kid)
      return [kid, before !== undefined && isSameKey(before, key) ? before : key]
    })
  )
