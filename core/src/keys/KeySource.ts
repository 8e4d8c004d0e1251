/**
 * PORT: (source, kid) → key. The sources of keys are configured; a token only selects a key by its kid.
 *
 * @module
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { KeySourceUnavailable } from "../errors/AuthError.ts"
import type { VerificationKey } from "./Key.ts"

/** Identifies one key: the configured endpoint, and the `kid` there. The same `kid` at another endpoint is another key. */
export interface KeyRef {
  /** The ALB keys' base URL, or a pool's JWKS URL. */
  readonly source: string
  readonly kid: string
}

/** The state of one endpoint's keys, for health checks. */
export interface KeysHealth {
  /** The configured endpoint's URL. */
  readonly source: string
  /** Whose keys they are: a load balancer's, or a user pool's or other provider's. */
  readonly of: "signer" | "issuer"
  /** How many keys are cached or configured. The load balancer's are fetched when a token names them. */
  readonly keys: number
  /** How long ago keys were last fetched, in milliseconds; `undefined`: not yet, or they are configured. */
  readonly ageMillis: number | undefined
  /** Why the last fetch failed, if it did. */
  readonly lastFailure: string | undefined
  /** Whether a request could be admitted, as far as this endpoint goes. */
  readonly isUsable: boolean
}

/** Where verification keys come from. */
export class KeySource extends Context.Service<
  KeySource,
  {
    /**
     * The key, if it is cached and may still be used at this time: no waiting, no fetch. It must return the same object as long
     * as the key is the same: with another object, every cached session is verified again.
     */
    readonly peek: (ref: KeyRef, nowMillis: number) => VerificationKey | undefined
    /** The key, fetched if necessary. `undefined`: the endpoint responded that it has no such key, and none is cached. */
    readonly find: (ref: KeyRef) => Effect.Effect<VerificationKey | undefined, KeySourceUnavailable>
    /** Fetches the key sets before the first request. ALB keys cannot be preloaded: their kids are known only from tokens. */
    readonly preload: Effect.Effect<void, KeySourceUnavailable>
    /** The state of each endpoint at this time: no waiting. Absent: the source cannot tell, and counts as usable. */
    readonly health?: ((nowMillis: number) => ReadonlyArray<KeysHealth>) | undefined
  }
>()("@cognito-auth/core/KeySource") {
  /** A fixed set of keys, for tests and for networks without internet access. Any other key is unknown. */
  static readonly memory = (keys: Iterable<KeyRef & { readonly key: VerificationKey }>): KeySource["Service"] => {
    const byRef = new Map<string, VerificationKey>()
    for (const { source, kid, key } of keys) byRef.set(`${source} ${kid}`, key)
    const peek = (ref: KeyRef) => byRef.get(`${ref.source} ${ref.kid}`)
    return KeySource.of({ peek, find: (ref) => Effect.sync(() => peek(ref)), preload: Effect.void })
  }

  /** `memory` as a layer. */
  static readonly layerMemory = (keys: Iterable<KeyRef & { readonly key: VerificationKey }>): Layer.Layer<KeySource> =>
    Layer.sync(KeySource, () => KeySource.memory(keys))
}
