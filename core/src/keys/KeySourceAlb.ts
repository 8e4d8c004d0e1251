/**
 * The keys of the load balancers: one PEM per kid, shared by every AWS customer of the region (AWS ELB guide,
 * "Authenticate users").
 *
 * @module
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { fetchText, unusable } from "../remote/fetchText.ts"
import { readPem } from "./Key.ts"
import { type KeyEndpoint, type KeySettings, makeKeyEndpoint } from "./keyEndpoint.ts"

/** A PEM on P-256 is about 180 bytes long. */
const maxBytes = 8_192

/** The keys under one base URL. */
export const makeAlbEndpoint = (baseUrl: string, settings: KeySettings): KeyEndpoint =>
  makeKeyEndpoint({
    source: baseUrl,
    given: settings.alb,
    ages: settings,
    unitOf: (kid) => kid,
    isOnDemand: true,
    fetch: (kid) =>
      Effect.flatMap(fetchText(`${baseUrl}/${kid}`, { maxBytes, timeout: settings.timeoutMillis }), (pem) =>
        Effect.fromResult(Result.mapBoth(readPem(kid, pem), { onSuccess: (key) => new Map([[kid, key]]), onFailure: unusable }))
      )
  })
