/** What a fetch of keys costs the sessions that are cached: nothing, where the keys are the same. */
import { randomUUID } from "node:crypto"
import { CognitoAuth, type KeyOptions, type KeyRef, type KeySource, type VerificationKey } from "@cognito-auth/core"
import { makeRoute } from "@cognito-auth/core/Route"
import type { ForgedHeaders } from "@cognito-auth/testing"
import { itEffect } from "@cognito-auth/testing/vitest"
import * as Effect from "effect/Effect"
import { TestClock } from "effect/testing"
import { expect } from "vitest"
import { sharedForge } from "../../../testing/test/sharedForge.ts"
import { configuredKeys } from "../../src/keys/configuredKeys.ts"

const forge = await sharedForge({ now: () => 0, albLifetime: "2 hours", accessLifetime: "2 hours" })
const route = makeRoute()

/** A service whose keys come from a real endpoint, and how many signatures it has verified: each takes the key out of its wrapping. */
const open = (keys: KeyOptions = {}) =>
  Effect.gen(function* () {
    const server = yield* Effect.acquireRelease(
      Effect.promise(() => forge.serve()),
      (opened) => Effect.promise(() => opened.close())
    )
    const options = { ...server.settings().options, keys }
    const fetched = configuredKeys(CognitoAuth.make(options).settings)
    let verifications = 0
    const wrappings = new WeakMap<VerificationKey, VerificationKey>()
    const wrap = (key: VerificationKey | undefined) => {
      if (key === undefined) return undefined
      const wrapping = wrappings.get(key) ?? {
        ...key,
        get key() {
          verifications++
          return key.key
        }
      }
      wrappings.set(key, wrapping)
      return wrapping
    }
    const keySource: KeySource["Service"] = {
      ...fetched,
      peek: (ref: KeyRef, nowMillis) => wrap(fetched.peek(ref, nowMillis)),
      find: (ref: KeyRef) => Effect.map(fetched.find(ref), wrap)
    }
    const auth = CognitoAuth.make({ ...options, keySource })
    const decide = (headers: ForgedHeaders) => auth.decide({ method: "GET", target: "/", headers }, route)
    /** How many signatures requests of these headers take. */
    const cost = (sessions: ReadonlyArray<ForgedHeaders>) =>
      Effect.gen(function* () {
        const before = verifications
        for (const headers of sessions) expect(yield* decide(headers)).toMatchObject({ _tag: "Admit" })
        return verifications - before
      })
    return { server, decide, cost }
  })

const sessions = await Promise.all(Array.from({ length: 20 }, (_, index) => forge.headers({ sub: `sub-${index}` })))
const forged = () => forge.headers({ access: { header: { kid: randomUUID() }, signWith: () => Buffer.alloc(256, 7) } })

itEffect("A forged kid, for which the key set is fetched again, makes no cached session verify again.", () =>
  Effect.gen(function* () {
    const { server, decide, cost } = yield* open()
    expect([yield* cost(sessions), yield* cost(sessions)]).toEqual([40, 0])
    const headers = yield* Effect.promise(forged)
    expect(yield* decide(headers)).toMatchObject({ error: { _tag: "KeyUnknown" } })
    expect(server.requests.count("cognito")).toBe(2)
    expect(yield* cost(sessions)).toBe(0)
  })
)

itEffect("Keys that are fetched again because of their age make no cached session verify again.", () =>
  Effect.gen(function* () {
    const { server, cost } = yield* open({ maxAge: "4 minutes" })
    yield* cost(sessions)
    yield* TestClock.adjust("4 minutes")
    expect(yield* cost(sessions)).toBe(0)
    expect([server.requests.count("alb"), server.requests.count("cognito")]).toEqual([2, 2])
  })
)

itEffect("Another key under the same kid makes them verify again, and fail.", () =>
  Effect.gen(function* () {
    const { server, decide, cost } = yield* open()
    yield* cost(sessions)
    yield* Effect.promise(() => server.misbehave("wrong-key"))
    yield* TestClock.adjust("1 hour")
    const [headers = {}] = sessions
    expect(yield* decide(headers)).toMatchObject({ error: { _tag: "SignatureInvalid" } })
  })
)
