/**
 * The keys of a user pool: its JWK Set, fetched whole (RFC 7517 §5; Cognito guide, "Verifying a JSON web token").
 *
 * @module
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { type FetchFailed, fetchText, unusable } from "../remote/fetchText.ts"
import { readJwkSet } from "./Key.ts"
import { type KeyEndpoint, type KeySettings, type Keys, makeKeyEndpoint } from "./keyEndpoint.ts"

/** A pool's set is about 1 KB long; a much larger body is not a key set. */
const maxBytes = 65_536

/** The keys behind one JWKS URL. */
export const makeJwksEndpoint = (url: string, settings: KeySettings): KeyEndpoint =>
  makeKeyEndpoint({
    source: url,
    given: settings.jwks,
    ages: settings,
    unitOf: () => "set",
    isOnDemand: false,
    fetch: () =>
      fetchText(url, { maxBytes, timeout: settings.timeoutMillis }).pipe(
        // A pool always has a key set. If the endpoint has none, that says nothing about a kid, so no kid becomes unknown.
        Effect.mapError((failure) => (failure.kind === "absent" ? unusable(`there is no key set (${failure.reason})`) : failure)),
        Effect.flatMap((text) => Effect.fromResult(readJwkSetText(text)))
      )
  })

const readJwkSetText = (text: string): Result.Result<Keys, FetchFailed> => {
  const failed = (reason: string) => Result.fail(unusable(reason))
  let set: unknown
  try {
    set = JSON.parse(text)
  } catch {
    return failed("not JSON")
  }
  if (typeof set !== "object" || set === null || !("keys" in set) || !Array.isArray(set.keys)) return failed("not a JWK Set")
  const keys = readJwkSet(set.keys)
  return keys.size === 0 ? failed("no usable key in the set") : Result.succeed(keys)
}
