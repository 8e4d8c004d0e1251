import { CognitoAuth } from "@cognito-auth/core"
import { makeForge } from "@cognito-auth/testing"
import * as Effect from "effect/Effect"
import { describe, expect, it } from "vitest"

const forge = await makeForge()

describe("makeForge", () => {
  it("forges what core admits, through an in-memory key source", async () => {
    const { authenticate } = CognitoAuth.make({ ...forge.settings().options, keySource: forge.keySource() })
    const user = await Effect.runPromise(authenticate(await forge.headers({ email: "a@example.com", groups: ["admins"] })))
    expect(user.email).toBe("a@example.com")
    expect(user.groups).toEqual(["admins"])
  })

  it("forges what core admits with keys fetched over HTTP", async () => {
    await using keys = await forge.serve()
    const { authenticate } = CognitoAuth.make(forge.settings().options)
    const user = await Effect.runPromise(authenticate(await forge.headers({ emailVerified: false })))
    expect(user.emailVerified).toBe(false)
    expect(keys.requests.count("alb")).toBe(1)
    expect(keys.requests.count("cognito")).toBe(1)
  })

  it("forges what core admits with the environment alone", async () => {
    await using keys = await forge.serve()
    const { authenticate } = CognitoAuth.make({ environment: keys.settings({ allowedGroups: ["staff"] }).env })
    const user = await Effect.runPromise(authenticate(await forge.headers({ groups: ["staff"] })))
    expect(user.name).toBe("Ada Lovelace")
  })
})
