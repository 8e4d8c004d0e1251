import { mockIssuer, mockUser, toDevUser } from "@cognito-auth/core/DevUser"
import { expect, it } from "vitest"

const issuer = "https://mock.example"
const nowMillis = 1_700_000_000_999
const mockId = "mock-12345678-1234-1234-1234-123456789abc"

it("the mock user has the Python package's defaults", () => {
  expect(toDevUser({}, issuer)).toEqual({
    email: "dev@example.com",
    sub: mockId,
    username: mockId,
    groups: [],
    email_verified: true,
    name: "Dev User",
    given_name: "Dev",
    family_name: "User",
    issuer
  })
})

it("the mock user's issuer looks like a pool of the region, and is none", () => {
  expect(mockIssuer("eu-west-2")).toBe("https://cognito-idp.eu-west-2.amazonaws.com/mock-pool")
})

it("the mock user has what is given, and its name follows its parts", () => {
  const given = {
    email: "",
    sub: "sub-1",
    username: "",
    groups: ["staff"],
    email_verified: false,
    name: "",
    given_name: "A",
    family_name: "B"
  }
  expect(toDevUser(given, issuer)).toEqual({ ...given, issuer })
  expect(toDevUser({ sub: "sub-1", given_name: "A", family_name: "B" }, issuer)).toMatchObject({ username: "sub-1", name: "A B" })
})

it("the mock user has the claims of a sign-in just now, for an hour", () => {
  const user = mockUser(toDevUser({ groups: ["staff"], username: "ada" }, issuer), new Set(["staff"]), nowMillis)
  expect(user.isPlatformAdmin).toBe(true)
  const times = { exp: 1_700_003_600 }
  expect(user.oidcClaims).toEqual({
    sub: mockId,
    username: "ada",
    email: "dev@example.com",
    email_verified: true,
    name: "Dev User",
    given_name: "Dev",
    family_name: "User",
    iss: issuer,
    ...times
  })
  expect(user.accessClaims).toEqual({
    sub: mockId,
    "cognito:groups": ["staff"],
    iss: issuer,
    version: 2,
    client_id: "mock-client-id",
    token_use: "access",
    scope: "openid",
    auth_time: 1_700_000_000,
    iat: 1_700_000_000,
    username: "ada",
    ...times
  })
  for (const claims of [user.oidcClaims, user.accessClaims]) expect(Object.getPrototypeOf(claims)).toBeNull()
})
