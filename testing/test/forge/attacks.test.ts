import { CognitoAuth } from "@cognito-auth/core"
import { attacks } from "@cognito-auth/testing"
import * as Effect from "effect/Effect"
import { describe, expect, it } from "vitest"
import { sharedForge } from "../sharedForge.ts"

const forge = await sharedForge()

describe.each(Object.entries(attacks))("%s", (_name, attack) => {
  it(`${attack.title}: ${attack.error}`, async () => {
    const { authenticate } = CognitoAuth.make({ ...forge.settings().options, keySource: forge.keySource() })
    const user = { email: "a@example.com", groups: ["staff"] }
    await Effect.runPromise(authenticate(await forge.headers(user)))
    const headers = await attack.headers(forge, user)
    expect(await Effect.runPromise(Effect.flip(authenticate(headers)))).toMatchObject({ _tag: attack.error })
  })

  it("can be sent with fetch", async () => {
    const headers = await attack.headers(forge)
    expect([...new Headers(headers).keys()].sort()).toEqual(Object.keys(headers).sort())
  })
})

describe("attacks", () => {
  it("reach every error that tokens can cause", () => {
    const reached = new Set(Object.values(attacks).map(({ error }) => error))
    expect([...reached].sort()).toEqual([
      "AlgorithmRefused",
      "ClientRefused",
      "HeaderInvalid",
      "HeaderMissing",
      "IssuerRefused",
      "KeyUnknown",
      "SignatureInvalid",
      "SignerRefused",
      "SubjectMismatch",
      "TokenExpired",
      "TokenMalformed",
      "TokenNotYetValid",
      "TokenUseRefused"
    ])
  })

  it("have a title of their own each", () => {
    const titles = Object.values(attacks).map(({ title }) => title)
    expect(new Set(titles).size).toBe(titles.length)
  })

  it("strip padding that there was, whatever the length of the token", async () => {
    const { authenticate } = CognitoAuth.make({ ...forge.settings().options, keySource: forge.keySource() })
    for (const name of ["", "a", "ab"]) {
      const headers = await attacks.strippedPadding.headers(forge, { name })
      expect(headers["x-amzn-oidc-data"]).not.toContain("=")
      expect(await Effect.runPromise(Effect.flip(authenticate(headers)))).toMatchObject({ _tag: "SignatureInvalid" })
    }
  })
})
