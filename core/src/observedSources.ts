/** Sources of keys and policies whose events go to a service's observer. */
import * as Effect from "effect/Effect"
import { KeySource } from "./keys/KeySource.ts"
import { PolicySource } from "./policy/PolicySource.ts"

/** Provides the observer. */
type Observed = <A, E>(effect: Effect.Effect<A, E>) => Effect.Effect<A, E>

/** A source whose events go to the service's observer. Its own methods are called on it: it may be of any class. */
export const observedKeys = (source: KeySource["Service"], observed: Observed): KeySource["Service"] =>
  KeySource.of({
    peek: (ref, nowMillis) => source.peek(ref, nowMillis),
    find: (ref) => observed(source.find(ref)),
    preload: observed(Effect.suspend(() => source.preload)),
    health: (nowMillis) => orElse(() => source.health?.(nowMillis) ?? [], [{ ...unknown, of: "issuer", keys: 0 }])
  })

/** The same of a source of policies. */
export const observedPolicy = (source: PolicySource["Service"], observed: Observed): PolicySource["Service"] =>
  PolicySource.of({
    peek: (nowMillis) => source.peek(nowMillis),
    health: (nowMillis) => orElse(() => source.health?.(nowMillis), unknown),
    current: observed(Effect.suspend(() => source.current)),
    reload: observed(Effect.suspend(() => source.reload)),
    watch: observed(Effect.suspend(() => source.watch))
  })

/** A third-party source whose health cannot be had. */
const unknown = { source: "custom", ageMillis: undefined, lastFailure: "its health() threw", isUsable: false } as const

const orElse = <A>(read: () => A, otherwise: A): A => {
  try {
    return read()
  } catch {
    return otherwise
  }
}
