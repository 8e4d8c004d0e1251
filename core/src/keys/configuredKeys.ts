/** A KeySource of the configured endpoints. */
import * as Effect from "effect/Effect"
import { KeySource } from "./KeySource.ts"
import { makeAlbEndpoint } from "./KeySourceAlb.ts"
import { makeJwksEndpoint } from "./KeySourceJwks.ts"
import type { KeyEndpoint, KeySettings } from "./keyEndpoint.ts"

/** The endpoints: the signers by ARN and the issuers by URL, each with the URL of its keys (`undefined`: none are needed); and how keys are cached. */
export interface ConfiguredEndpoints {
  readonly signers: ReadonlyMap<string, string>
  readonly issuers: ReadonlyMap<string, string | undefined>
  readonly keys: KeySettings
}

/** Each endpoint serves only its own keys; a source that is not configured has no key. */
export const configuredKeys = ({ signers, issuers, keys }: ConfiguredEndpoints): KeySource["Service"] => {
  const pools = new Map<string, KeyEndpoint>()
  for (const url of urlsOf(issuers)) pools.set(url, makeJwksEndpoint(url, keys))
  const endpoints = new Map(pools)
  for (const url of urlsOf(signers)) endpoints.set(url, makeAlbEndpoint(url, keys))
  return KeySource.of({
    peek: (ref, nowMillis) => endpoints.get(ref.source)?.peek(ref.kid, nowMillis),
    health: (nowMillis) => [...endpoints.values()].map((endpoint) => endpoint.health(nowMillis)),
    find: (ref) => endpoints.get(ref.source)?.find(ref.kid) ?? Effect.undefined,
    preload: Effect.all(
      [...pools.values()].map((pool) => pool.load("")),
      { concurrency: "unbounded", discard: true }
    )
  })
}

/** Where the keys are, each URL once: of the signers, or of those issuers whose keys are needed. */
export const urlsOf = (endpoints: ReadonlyMap<string, string | undefined>): ReadonlyArray<string> => [
  ...new Set([...endpoints.values()].flatMap((url) => url ?? []))
]
