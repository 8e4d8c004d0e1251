/** A policy document that is read again: single-flight, swapped as a whole, the last good one kept while it is broken. */
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Result from "effect/Result"
import { PolicyUnavailable } from "../errors/AuthError.ts"
import { Freshness } from "../remote/Freshness.ts"
import { makeSingleFlight } from "../remote/singleFlight.ts"
import type { Policy } from "./Policy.ts"
import { describeChange, type PolicyDocument, readPolicyDocument } from "./PolicyDocument.ts"

/** A JSON policy document that can be read again and again. */
export interface DocumentSource {
  /** What it is, for logs and errors: `secret my-app/auth-config`. */
  readonly name: string
  /** Reads the document. A rejection is an outage: its `message` is logged, so it must not hold the content. */
  readonly read: (signal: AbortSignal) => Promise<string>
  /** Whether an e-mail admits only once the pool has verified it. Default `true`. */
  readonly requireVerifiedEmail?: boolean | undefined
  /** The document, where it has been read already. It is read again at its first use, and this one used where that fails. */
  readonly initial?: string | undefined
  /** Calls back whenever the document may have changed, until what it returned is called. Default: it never does. */
  readonly subscribe?: ((onChange: () => void) => () => void) | undefined
}

/** The rules that are in force, and how they are kept up to date. */
export interface PolicyInForce {
  /** The policy, if one is loaded that may still be used at this time: no waiting. */
  readonly peek: (nowMillis: number) => Policy | undefined
  /** The policy in force, loaded or refreshed where it must be. */
  readonly current: Effect.Effect<Policy, PolicyUnavailable>
  /** Reads it again now. Where that fails, the last good policy stays in force. */
  readonly reload: Effect.Effect<void, PolicyUnavailable>
  /** Reloads whenever the source says that it has changed, for as long as it runs. */
  readonly watch: Effect.Effect<void>
}

/** Read again in the background from half of it, so at the latest every five minutes of use. */
const maxAgeMillis = 300_000
const staleIfErrorMillis = 86_400_000

/** Writers write in several steps: what they have written is read once they pause. */
const settling = "50 millis"

/** One reading of a document: slower than this is an outage. */
const readTimeout = "10 seconds"

export const makeReloadingPolicy = (source: DocumentSource): PolicyInForce => {
  const freshness = new Freshness({ maxAgeMillis, staleIfErrorMillis })
  const options = { requireVerifiedEmail: source.requireVerifiedEmail ?? true }
  let held: { readonly text: string; readonly document: PolicyDocument } | undefined
  let lastFailure = ""

  const readText = Effect.tryPromise({
    try: (signal) => source.read(signal),
    catch: (cause) => (cause instanceof Error ? cause.message : "it cannot be read")
  }).pipe(Effect.timeoutOrElse({ duration: readTimeout, orElse: () => Effect.fail("timeout") }))

  const parse = (text: string) =>
    Result.mapError(readPolicyDocument(text, "it", options), (faults) =>
      faults.map((fault) => `${fault.setting.replace(/^it, /, "")} ${fault.problem}`).join(" ")
    )

  /** Puts a good document into force, and says what changed. */
  const accept = (text: string, nowMillis: number) => {
    const isSame = text === held?.text
    const document = isSame ? undefined : parse(text)
    if (document !== undefined && Result.isFailure(document)) return Effect.fail(document.failure)
    freshness.fetched(nowMillis)
    if (document === undefined) return Effect.undefined
    const change = describeChange(held?.document.lists, document.success.lists)
    held = { text, document: document.success }
    return Effect.as(Effect.logInfo(`cognito-auth: policy of ${source.name} in force: ${change}`), undefined)
  }

  /** Ends with the reason as a value: whoever waits may still have an older policy to go on with. */
  const refresh = makeSingleFlight((_name: string) =>
    Effect.clockWith((clock) => {
      stateAt(clock.currentTimeMillisUnsafe())
      return readText.pipe(
        Effect.flatMap((text) => accept(text, clock.currentTimeMillisUnsafe())),
        Effect.catch((reason) => {
          const nowMillis = clock.currentTimeMillisUnsafe()
          // A document that is broken is as good as none: either way the last good one stays in force.
          freshness.failed(nowMillis, true)
          lastFailure = reason
          const isKept = freshness.at(nowMillis) !== "expired"
          const kept = isKept ? "the last good policy stays in force" : "no policy is in force, so nobody is let in"
          return Effect.as(Effect.logWarning(`cognito-auth: ${source.name} was not loaded, ${kept}: ${reason}`), reason)
        })
      )
    })
  )
  const refreshed = refresh.join("policy")
  /** A reading that is under way may have begun before the change. */
  const refreshedAnew = Effect.suspend(() => (refresh.isRunning("policy") ? Effect.andThen(refreshed, refreshed) : refreshed))

  const watch = Effect.gen(function* () {
    const { subscribe } = source
    if (subscribe === undefined) return
    const changes = yield* Queue.sliding<void>(1)
    yield* Effect.acquireRelease(
      Effect.sync(() => subscribe(() => Queue.offerUnsafe(changes, undefined))),
      (unsubscribe) => Effect.sync(unsubscribe)
    )
    // What changed between the first reading and now, nobody has told of.
    yield* refreshed
    while (true) {
      yield* Queue.take(changes)
      yield* Effect.sleep(settling)
      yield* refreshedAnew
    }
  })
  const unavailable = (reason: string) => Effect.fail(PolicyUnavailable.because(`${source.name}: ${reason}`))

  // What was read before there was a clock may be old at its first use: it is read again then, and used where that fails.
  let isInitial = false
  if (source.initial !== undefined) {
    const document = parse(source.initial)
    if (Result.isSuccess(document)) held = { text: source.initial, document: document.success }
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
      return state === "fresh" || (state === "refresh" && refresh.isRunning("policy")) ? held?.document.policy : undefined
    },
    current: Effect.clockWith((clock): Effect.Effect<Policy, PolicyUnavailable> => {
      const nowMillis = clock.currentTimeMillisUnsafe()
      const state = stateAt(nowMillis)
      const policy = held?.document.policy
      if (policy !== undefined && state === "fresh") return Effect.succeed(policy)
      if (policy !== undefined && state === "refresh") return Effect.as(Effect.forkDetach(refreshed), policy)
      // While there is nothing to go on with, a source that fails is not asked again for every request.
      if (state === "expired" && !freshness.mayAsk(nowMillis)) return unavailable(lastFailure)
      return Effect.flatMap(refreshed, (reason) => {
        const loaded = held?.document.policy
        const isUsable = freshness.at(clock.currentTimeMillisUnsafe()) !== "expired"
        return loaded !== undefined && isUsable ? Effect.succeed(loaded) : unavailable(reason ?? "nothing was read")
      })
    }),
    reload: Effect.flatMap(refreshedAnew, (reason) => (reason === undefined ? Effect.void : unavailable(reason))),
    watch: Effect.scoped(watch)
  }
}
