/** A policy document that is reloaded: single-flight, replaced as a whole. The last valid policy is kept while the document is invalid. */
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Result from "effect/Result"
import { PolicyUnavailable } from "../errors/AuthError.ts"
import { report } from "../events/Observe.ts"
import { Freshness } from "../remote/Freshness.ts"
import { makeSingleFlight } from "../remote/singleFlight.ts"
import type { Policy } from "./Policy.ts"
import { describeChange, type PolicyDocument, readPolicyDocument } from "./PolicyDocument.ts"

/** A JSON policy document that can be read repeatedly. */
export interface DocumentSource {
  /** Its name in logs and errors: `secret my-app/auth-config`. */
  readonly name: string
  /** Reads the document. A rejection is an outage: its `message` is reported, so it must not contain the document. */
  readonly read: (signal: AbortSignal) => Promise<string>
  /** Whether an e-mail must be verified by the pool to admit a user. Default `true`. */
  readonly requireVerifiedEmail?: boolean | undefined
  /** The document, if it has been read already. It is read again at its first use; if that fails, this one is used. */
  readonly initial?: string | undefined
  /** Calls back whenever the document may have changed, until the returned function is called. Default: never. */
  readonly subscribe?: ((onChange: () => void) => () => void) | undefined
}

/** The state of the policy, for health checks. */
export interface PolicyHealth {
  /** The document's name. */
  readonly source: string
  /** How long ago it was last read, in milliseconds; `undefined`: not yet. */
  readonly ageMillis: number | undefined
  /** Why it could not be read or used the last time, if so. */
  readonly lastFailure: string | undefined
  /** Whether a policy is in force. */
  readonly isUsable: boolean
}

/** The policy in force, and how it is reloaded. */
export interface PolicyInForce {
  /** The policy, if one is loaded and may still be used at this time: no waiting. */
  readonly peek: (nowMillis: number) => Policy | undefined
  /** Its state at this time: no waiting. Absent or `undefined`: it never changes, or the source cannot tell, and counts as usable. */
  readonly health?: ((nowMillis: number) => PolicyHealth | undefined) | undefined
  /** The policy in force, loaded or reloaded if necessary. */
  readonly current: Effect.Effect<Policy, PolicyUnavailable>
  /** Reloads it now. If that fails, the last valid policy stays in force. */
  readonly reload: Effect.Effect<void, PolicyUnavailable>
  /** Reloads whenever the source reports a change, as long as this Effect runs. */
  readonly watch: Effect.Effect<void>
}

/** From half of this age on, the document is reloaded in the background: while in use, at least every five minutes. */
const maxAgeMillis = 300_000
const staleIfErrorMillis = 86_400_000

/** Debounce: a file may be written in several steps, so it is read after a pause. */
const debounce = "50 millis"

/** Time limit for reading the document. Slower is an outage. */
const readTimeout = "10 seconds"

export const makeReloadingPolicy = (source: DocumentSource): PolicyInForce => {
  const freshness = new Freshness({ maxAgeMillis, staleIfErrorMillis })
  const options = { requireVerifiedEmail: source.requireVerifiedEmail ?? true }
  let loaded: { readonly text: string; readonly document: PolicyDocument } | undefined
  let lastFailure: string | undefined

  const readText = Effect.tryPromise({
    try: (signal) => source.read(signal),
    catch: (cause) => (cause instanceof Error ? cause.message : "it cannot be read")
  }).pipe(Effect.timeoutOrElse({ duration: readTimeout, orElse: () => Effect.fail("timeout") }))

  const parse = (text: string) =>
    Result.mapError(readPolicyDocument(text, "it", options), (faults) =>
      faults.map((fault) => `${fault.setting.replace(/^it, /, "")} ${fault.problem}`).join(" ")
    )

  /** Puts a valid document into force, and reports what changed. */
  const accept = (text: string, nowMillis: number) => {
    const isSame = text === loaded?.text
    const document = isSame ? undefined : parse(text)
    if (document !== undefined && Result.isFailure(document)) return Effect.fail(document.failure)
    freshness.fetched(nowMillis)
    lastFailure = undefined
    if (document === undefined) return Effect.undefined
    const change = describeChange(loaded?.document.lists, document.success.lists)
    loaded = { text, document: document.success }
    return Effect.as(report({ _tag: "PolicyLoaded", atMillis: nowMillis, source: source.name, change }), undefined)
  }

  /** Returns the failure's reason as a value, because a waiting request may still be able to use an older policy. */
  const refresh = makeSingleFlight((_name: string) =>
    Effect.clockWith((clock) => {
      stateAt(clock.currentTimeMillisUnsafe())
      return readText.pipe(
        Effect.flatMap((text) => accept(text, clock.currentTimeMillisUnsafe())),
        Effect.catch((reason) => {
          const nowMillis = clock.currentTimeMillisUnsafe()
          // An invalid document counts as unreachable: in both cases the last valid policy stays in force.
          freshness.failed(nowMillis, true)
          lastFailure = reason
          const isKept = freshness.at(nowMillis) !== "expired"
          return Effect.as(report({ _tag: "PolicyLoadFailed", atMillis: nowMillis, source: source.name, reason, isKept }), reason)
        })
      )
    })
  )
  const refreshed = refresh.join("policy")
  /** A read that is already running may have started before the change, so another one follows it. */
  const refreshedAgain = Effect.suspend(() => (refresh.isRunning("policy") ? Effect.andThen(refreshed, refreshed) : refreshed))

  const watch = Effect.gen(function* () {
    const { subscribe } = source
    if (subscribe === undefined) return
    const changes = yield* Queue.sliding<void>(1)
    yield* Effect.acquireRelease(
      Effect.sync(() => subscribe(() => Queue.offerUnsafe(changes, undefined))),
      (unsubscribe) => Effect.sync(unsubscribe)
    )
    // There was no subscription between the first read and now, so a change may have been missed.
    yield* refreshed
    while (true) {
      yield* Queue.take(changes)
      yield* Effect.sleep(debounce)
      yield* refreshedAgain
    }
  })
  // Without a reason it was read, but the clock was set forward meanwhile, as that of a computer that slept.
  const unavailable = (reason = "it was read too long ago") => Effect.fail(PolicyUnavailable.because(`${source.name}: ${reason}`))

  // The initial document was read without a clock, so its age is unknown: it is read again at its first use.
  let isInitial = false
  if (source.initial !== undefined) {
    const document = parse(source.initial)
    if (Result.isSuccess(document)) loaded = { text: source.initial, document: document.success }
    isInitial = Result.isSuccess(document)
  }
  const stateAt = (nowMillis: number) => {
    if (isInitial) freshness.fetchedBefore(nowMillis)
    isInitial = false
    return freshness.at(nowMillis)
  }

  return {
    peek: (nowMillis) => {
      const state = stateAt(nowMillis)
      return state === "fresh" || (state === "refresh" && refresh.isRunning("policy")) ? loaded?.document.policy : undefined
    },
    health: (nowMillis) => {
      stateAt(nowMillis)
      return { source: source.name, ageMillis: freshness.ageAt(nowMillis), lastFailure, isUsable: freshness.isUsableAt(nowMillis) }
    },
    current: Effect.clockWith((clock): Effect.Effect<Policy, PolicyUnavailable> => {
      const nowMillis = clock.currentTimeMillisUnsafe()
      const state = stateAt(nowMillis)
      const policy = loaded?.document.policy
      if (policy !== undefined) {
        if (state === "fresh") return Effect.succeed(policy)
        if (state === "refresh") return Effect.as(Effect.forkDetach(refreshed), policy)
      }
      // Without a usable policy, a failing source is not read again for every request.
      if (!freshness.mayAsk(nowMillis)) return unavailable(lastFailure)
      return Effect.flatMap(refreshed, (reason) => {
        const policy = loaded?.document.policy
        const isUsable = freshness.at(clock.currentTimeMillisUnsafe()) !== "expired"
        return policy !== undefined && isUsable ? Effect.succeed(policy) : unavailable(reason)
      })
    }),
    reload: Effect.flatMap(refreshedAgain, (reason) => (reason === undefined ? Effect.void : unavailable(reason))),
    watch: Effect.scoped(watch)
  }
}
