import { generateKeyPairSync } from "node:crypto"
import type { ServerResponse } from "node:http"
import { KeySource } from "@cognito-auth/core"
import { fromKeyObject } from "@cognito-auth/core/Key"
import { readSettings } from "@cognito-auth/core/Settings"
import { itEffect } from "@cognito-auth/testing/vitest"
import * as Effect from "effect/Effect"
import { describe, expect, it } from "vitest"
import { sharedForge } from "../../../testing/test/sharedForge.ts"
import { configuredKeys, urlsOf } from "../../src/keys/configuredKeys.ts"
import { successOf } from "../outcome.ts"
import { keySettings, openKeyServer } from "./openKeyServer.ts"

const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" })
const key = successOf(fromKeyObject("kid-1", "ES256", publicKey))

describe("KeySource.memory", () => {
  it("has the keys that it is given, each at its own source, by itself and as a layer", async () => {
    const given = [{ source: "https://one.example", kid: "kid-1", key }]
    const layered = await Effect.runPromise(KeySource.pipe(Effect.provide(KeySource.layerMemory(given))))
    for (const source of [KeySource.memory(given), layered]) {
      const find = (of: string, kid: string) => Effect.runPromise(source.find({ source: of, kid }))
      await Effect.runPromise(source.preload)
      expect(source.peek({ source: "https://one.example", kid: "kid-1" }, 0)).toBe(key)
      expect(await find("https://one.example", "kid-1")).toBe(key)
      expect(await find("https://two.example", "kid-1")).toBeUndefined()
      expect(await find("https://one.example", "kid-2")).toBeUndefined()
    }
  })
})

describe("the configured endpoints", async () => {
  it("are each named once, and an issuer whose keys are not needed has none", () => {
    const urls = ["https://one.example", undefined, "https://two.example", "https://one.example"]
    expect(urlsOf(new Map(urls.map((url, at) => [`issuer ${at}`, url])))).toEqual(["https://one.example", "https://two.example"])
  })

  const forge = await sharedForge()

  itEffect("answer for their own keys only; any other source has none", () =>
    Effect.gen(function* () {
      const server = yield* Effect.acquireRelease(
        Effect.promise(() => forge.serve()),
        (opened) => Effect.promise(() => opened.close())
      )
      const keys = configuredKeys(successOf(readSettings(server.settings().options, {})))
      const alb = { source: server.albKeysUrl, kid: forge.keys.alb.current.kid }
      const pool = { source: server.jwksUrl, kid: forge.keys.cognito.current.kid }
      expect(keys.peek(alb, Date.now())).toBeUndefined()
      expect(yield* keys.find(alb)).toMatchObject({ kid: alb.kid, algorithm: "ES256" })
      expect(yield* keys.find(pool)).toMatchObject({ kid: pool.kid, algorithm: "RS256" })
      expect(keys.peek(alb, 0)).toMatchObject({ kid: alb.kid })
      expect(keys.peek(pool, 0)).toMatchObject({ kid: pool.kid })
      const elsewhere = { source: "https://keys.example", kid: alb.kid }
      expect(keys.peek(elsewhere, 0)).toBeUndefined()
      expect(yield* keys.find(elsewhere)).toBeUndefined()
    })
  )

  itEffect("fetch the pools' keys ahead, and no load balancer's: those are known by their use alone", () =>
    Effect.gen(function* () {
      const server = yield* Effect.acquireRelease(
        Effect.promise(() => forge.serve()),
        (opened) => Effect.promise(() => opened.close())
      )
      const keys = configuredKeys(successOf(readSettings(server.settings().options, {})))
      expect(yield* keys.preload).toBeUndefined()
      expect([server.requests.count("alb"), server.requests.count("cognito")]).toEqual([0, 1])
      expect(keys.peek({ source: server.jwksUrl, kid: forge.keys.cognito.current.kid }, 0)).toBeDefined()
    })
  )

  itEffect("are all asked at once: a slow pool does not hold up another", () =>
    Effect.gen(function* () {
      const waiting: Array<ServerResponse> = []
      const origin = yield* openKeyServer((_req, res) => {
        waiting.push(res)
        // The first is answered when the second has asked.
        if (waiting.length === 2) for (const each of waiting) each.end(JSON.stringify(forge.givenKeys().jwks))
      })
      const issuers = new Map(["one", "two"].map((pool) => [pool, `${origin}/${pool}`]))
      expect(yield* configuredKeys({ signers: new Map(), issuers, keys: keySettings }).preload).toBeUndefined()
    })
  )
})
