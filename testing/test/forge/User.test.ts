import { User as CoreUser, Policy } from "@cognito-auth/core"
import { User } from "@cognito-auth/testing"
import * as Effect from "effect/Effect"
import { afterEach, describe, expect, it, vi } from "vitest"

afterEach(() => {
  vi.useRealTimers()
})

describe("User.mock", () => {
  it("is core's User, with the Python package's defaults, signed in for an hour from now", () => {
    vi.useFakeTimers({ now: 1_700_000_000_000 })
    const user: User = User.mock()
    expect(user).toBeInstanceOf(CoreUser)
    const sub = "mock-12345678-1234-1234-1234-123456789abc"
    const iss = "https://cognito-idp.eu-west-2.amazonaws.com/mock-pool"
    expect({ ...user.oidcClaims }).toEqual({
      sub,
      email: "dev@example.com",
      username: sub,
      email_verified: true,
      name: "Dev User",
      given_name: "Dev",
      family_name: "User",
      exp: 1_700_003_600,
      iss
    })
    expect({ ...user.accessClaims }).toEqual({
      sub,
      "cognito:groups": [],
      iss,
      version: 2,
      client_id: "mock-client-id",
      token_use: "access",
      scope: "openid",
      auth_time: 1_700_000_000,
      exp: 1_700_003_600,
      iat: 1_700_000_000,
      username: sub
    })
    expect(user).toMatchObject({ isAuthenticated: true, isAdmin: false, emailDomain: "example.com", issuer: iss })
  })

  it("has what is given, and what follows from it", () => {
    const user = User.mock({
      sub: "123",
      email: "ada@example.org",
      emailVerified: false,
      givenName: "Ada",
      familyName: "Lovelace",
      groups: ["staff"],
      region: "eu-west-1"
    })
    expect(user).toMatchObject({
      sub: "123",
      username: "123",
      email: "ada@example.org",
      emailVerified: false,
      name: "Ada Lovelace",
      groups: ["staff"],
      issuer: "https://cognito-idp.eu-west-1.amazonaws.com/mock-pool"
    })
    expect(User.mock({ username: "ada", name: "The Countess" })).toMatchObject({ username: "ada", name: "The Countess", givenName: "Dev" })
    expect(User.mock({ email: "" }).email).toBe("")
    expect(User.mock({ email: undefined }).email).toBe("dev@example.com")
  })

  it("has further claims in both tokens, which win", () => {
    const user = User.mock({ email: "a@example.com", claims: { "custom:team": "blue", email: "b@example.com" } })
    expect([user.oidcClaims["custom:team"], user.accessClaims["custom:team"], user.email]).toEqual(["blue", "blue", "b@example.com"])
  })

  it("is an administrator where it is said to be", () => {
    expect(User.mock({ isAppAdmin: true })).toMatchObject({ isAdmin: true, isAppAdmin: true, isPlatformAdmin: false })
    const platformAdminGroups = ["platform-admins"]
    expect(User.mock({ groups: ["platform-admins"], platformAdminGroups })).toMatchObject({
      isAdmin: true,
      isAppAdmin: false,
      isPlatformAdmin: true
    })
    expect(User.mock({ groups: ["platform-admins"] }).isAdmin).toBe(false)
  })

  it("is judged by a policy as a user of tokens is", async () => {
    const policy = Policy.fromLists({ allowedGroups: ["staff"] })
    expect(await Effect.runPromise(Policy.explain(policy, User.mock({ groups: ["staff"] })))).toMatchObject({ allowed: true })
    expect(await Effect.runPromise(Policy.explain(policy, User.mock()))).toMatchObject({ allowed: false })
  })

  it("leaves what it was given as it was", () => {
    const groups = ["staff"]
    User.mock({ groups })
    groups.push("admins")
    expect(groups).toEqual(["staff", "admins"])
  })
})
