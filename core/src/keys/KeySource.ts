/**
 * PORT: (source, kid) → key. Where keys come from is configuration; a token only names which one it means.
 *
 * @module
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { KeySourceUnavailable } from "../errors/AuthError.ts"
import type { VerificationKey } from "./Key.ts"

/** One key's name: the configured endpoint, and the `kid` in it. The same `kid` at another endpoint is another key. */
export interface KeyRef {
  /** The ALB keys' base URL, or a pool's JWKS URL. */
  readonly source: string
  readonly kid: string
}

/** Where verification keys come from. */
export class KeySource extends Context.Service<
  KeySource,
  {
    /**
     * The key, if it is held and may still be used at this time: no waiting, no fetch. The same object for as long as it is
     * the same key: with another object, every cached session is verified again.
     */
    readonly peek: (ref: KeyRef, nowMillis: number) => VerificationKey | undefined
    /** The key, fetched where it must be. `undefined`: the endpoint answered that it has no such key, and none is held. */
    readonly find: (ref: KeyRef) => Effect.Effect<VerificationKey | undefined, KeySourceUnavailable>
    /** Fetches what can be fetched before the first request: the key sets. ALB keys are known only by their use. */
    readonly preload: Effect.Effect<void, KeySourceUnavailable>
  }
>()("@cognito-auth/core/KeySource") {
  /** A fixed set of keys: for tests, and for networks without a way out. Anything else is unknown. */
  static readonly memory = (keys: Iterable<KeyRef & { readonly key: VerificationKey }>): KeySource["Service"] => {
    const held = new Map<string, VerificationKey>()
    for (const { source, kid, key } of keys) held.set(`${source} ${kid}`, key)
    const peek = (ref: KeyRef) => held.get(`${ref.source} ${ref.kid}`)
    return KeySource.of({ peek, find: (ref) => Effect.sync(() => peek(ref)), preload: Effect.void })
  }

  /** `memory` as a layer. */
  static readonly layerMemory = (keys: Iterable<KeyRef & { readonly key: VerificationKey }>): Layer.Layer<KeySource> =>
    Layer.sync(KeySource, () => KeySource.memory(keys))
}
