/** The configured endpoints as one KeySource. */
import * as Effect from "effect/Effect"
import { KeySource } from "../KeySource.ts"
import { makeAlbEndpoint } from "../KeySourceAlb.ts"
import { makeJwksEndpoint } from "../KeySourceJwks.ts"
import type { Settings } from "../Settings.ts"
import type { KeyEndpoint } from "./keyEndpoint.ts"

export const makeKeySource = (settings: Settings): KeySource["Service"] => {
  const pools = new Map<string, KeyEndpoint>()
  for (const url of settings.issuers.values()) pools.set(url, makeJwksEndpoint(url, settings.keys))
  const endpoints = new Map(pools)
  for (const url of settings.signers.values()) endpoints.set(url, makeAlbEndpoint(url, settings.keys))
  return KeySource.of({
    peek: (ref, nowMillis) => endpoints.get(ref.source)?.peek(ref.kid, nowMillis),
    find: (ref) => endpoints.get(ref.source)?.find(ref.kid) ?? Effect.undefined,
    preload: Effect.all(
      [...pools.values()].map((pool) => pool.load("")),
      { concurrency: "unbounded", discard: true }
    )
  })
}
