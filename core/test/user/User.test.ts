import { format, inspect } from "node:util"
import { User } from "@cognito-auth/core"
import { domainOf } from "@cognito-auth/core/User"
import { user as anyUser } from "@cognito-auth/testing/arbitraries"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { runs } from "../../../testing/test/runs.ts"
import { userOf } from "../userOf.ts"

const full = userOf({
  oidc: {
    sub: "11111111-2222-3333-4444-555555555555",
    username: "ada",
    email: "Ada.Lovelace@Example.com",
    email_verified: "true",
    name: "Ada Lovelace",
    given_name: "Ada",
    family_name: "Lovelace",
    "custom:team": { nested: ["x"] }
  },
  access: {
    "cognito:groups": ["staff", "admins"],
    iss: "https://cognito-idp.eu-west-2.amazonaws.com/eu-west-2_AbC123xyz",
    exp: 1_700_000_000,
    username: "from-access"
  }
})

describe("User", () => {
  it("has every property of the claims", () => {
    expect(full.sub).toBe("11111111-2222-3333-4444-555555555555")
    expect(full.username).toBe("ada")
    expect(full.email).toBe("Ada.Lovelace@Example.com")
    expect(full.emailDomain).toBe("Example.com")
    expect(full.emailVerified).toBe(true)
    expect(full.name).toBe("Ada Lovelace")
    expect(full.givenName).toBe("Ada")
    expect(full.familyName).toBe("Lovelace")
    expect(full.groups).toEqual(["staff", "admins"])
    expect(full.isIn("admins")).toBe(true)
    expect(full.isIn("Admins")).toBe(false)
    expect(full.isAdmin).toBe(false)
    expect(full.isAppAdmin).toBe(false)
    expect(full.isPlatformAdmin).toBe(false)
    expect(full.isAuthenticated).toBe(true)
    expect(full.expiresAt).toEqual(new Date(1_700_000_000_000))
    expect(full.issuer).toBe("https://cognito-idp.eu-west-2.amazonaws.com/eu-west-2_AbC123xyz")
    expect(full.oidcClaims["custom:team"]).toEqual({ nested: ["x"] })
    expect(full.accessClaims["username"]).toBe("from-access")
  })

  it("takes the username from the access token where the ALB's has none", () => {
    expect(userOf({ access: { username: "from-access" } }).username).toBe("from-access")
    expect(userOf({ oidc: { username: "" }, access: { username: "from-access" } }).username).toBe("from-access")
  })

  it("has empty strings and no groups if the pool sends nothing", () => {
    const bare = User.fromClaims({ oidc: { sub: "sub-1" }, access: {}, issuer: "", exp: 0 }, new Set())
    const { username, email, emailDomain, name, givenName, familyName, issuer } = bare
    expect([username, email, emailDomain, name, givenName, familyName, issuer]).toEqual(["", "", "", "", "", "", ""])
    expect(bare.groups).toEqual([])
    expect(bare.emailVerified).toBe(false)
    expect(bare.expiresAt).toEqual(new Date(0))
    expect(bare.isAuthenticated).toBe(true)
  })

  it.each([
    ["true", true],
    [true, true],
    ["false", false],
    [false, false],
    ["TRUE", false],
    [1, false],
    ["", false],
    [undefined, false]
  ])("of email_verified %j is verified: %j", (claim, verified) => {
    expect(userOf({ oidc: { email_verified: claim } }).emailVerified).toBe(verified)
  })

  it.each([["admins"], ["admins,staff"], [["admins", 1]], [{ 0: "admins", length: 1 }], [null], [1], [undefined], [[["admins"]]]])(
    "of cognito:groups %j is in no group: only an array of strings is a set of groups",
    (claim) => {
      const user = userOf({ access: { "cognito:groups": claim }, platformAdminGroups: ["admins"] })
      expect(user.groups).toEqual([])
      expect(user.isIn("admins")).toBe(false)
      expect(user.isAdmin).toBe(false)
      // An absent claim is Cognito's way to say that there is none; what cannot be read says nothing.
      expect(user.hasKnownGroups).toBe(claim === undefined)
    }
  )

  it("takes groups only from the access token", () => {
    expect(userOf({ oidc: { "cognito:groups": ["platform-admins"], groups: ["platform-admins"] } }).groups).toEqual([])
  })

  it("is a platform administrator by a group, exactly", () => {
    const inGroups = (groups: ReadonlyArray<string>, platformAdminGroups?: ReadonlyArray<string>) =>
      userOf({ access: { "cognito:groups": groups }, ...(platformAdminGroups === undefined ? {} : { platformAdminGroups }) })
    expect(inGroups(["staff", "platform-admins"]).isPlatformAdmin).toBe(true)
    expect(inGroups(["staff", "platform-admins"]).isAdmin).toBe(true)
    expect(inGroups(["staff", "platform-admins"]).isAppAdmin).toBe(false)
    expect(inGroups(["PLATFORM-ADMINS", "platform-admins-2", " platform-admins"]).isPlatformAdmin).toBe(false)
    expect(inGroups(["platform-admins"], []).isPlatformAdmin).toBe(false)
    expect(inGroups(["root"], ["root", "wheel"]).isPlatformAdmin).toBe(true)
  })

  it("becomes an administrator of the app as another user, and stays one", () => {
    const admin = full.asAppAdmin()
    expect([admin.isAppAdmin, admin.isAdmin, admin.isPlatformAdmin]).toEqual([true, true, false])
    expect(admin.email).toBe(full.email)
    expect(full.isAppAdmin).toBe(false)
    expect(admin.asAppAdmin()).toBe(admin)
  })

  it("is anonymous on a bypassed path", () => {
    const { anonymous } = User
    expect([anonymous.isAuthenticated, anonymous.isAdmin, anonymous.emailVerified, anonymous.sub, anonymous.email]).toEqual([
      false,
      false,
      false,
      "",
      ""
    ])
    expect(anonymous.issuer).toBe("")
    expect(anonymous.groups).toEqual([])
  })

  it("cannot be changed, and neither can its groups and claims", () => {
    const writable = full as { -readonly [Name in keyof User]: User[Name] }
    expect(() => (writable.email = "x@example.com")).toThrow(TypeError)
    expect(() => Object.assign(full, { isAdmin: true })).toThrow(TypeError)
    expect(() => Object.assign(full, { extra: true })).toThrow(TypeError)
    const groups = userOf({ access: { "cognito:groups": ["staff"] } }).groups
    expect(() => (groups as Array<string>).push("platform-admins")).toThrow(TypeError)
    expect(() => Object.assign(full.accessClaims, { exp: 0 })).toThrow(TypeError)
    expect(() => Object.assign(full.oidcClaims, { email: "x@example.com" })).toThrow(TypeError)
    const { oidcClaims } = userOf({ oidc: { "custom:team": { nested: ["x"], none: null } } })
    expect(() => (oidcClaims["custom:team"] as { nested: Array<string> }).nested.push("y")).toThrow(TypeError)
    expect(full.oidcClaims).toBe(full.oidcClaims)
    expect(full.isAdmin).toBe(false)
  })
})

/** The ways in which a log, a template or a debugger comes to show a value. */
const shownBy = (user: User): ReadonlyArray<string> => {
  const error = new Error("failed", { cause: user })
  const merged = { ...user }
  return [
    String(user),
    `${user}`,
    JSON.stringify(user),
    JSON.stringify({ req: { user } }),
    JSON.stringify([user]),
    JSON.stringify(merged),
    JSON.stringify(Object.assign({}, user)),
    JSON.stringify(Object.entries(user)),
    JSON.stringify(structuredClone(merged)),
    inspect(user),
    inspect(user, { depth: 20, showHidden: true, getters: true }),
    inspect({ req: { user } }, { depth: 20, showHidden: true, getters: true }),
    inspect(user, { customInspect: false, depth: 20, showHidden: true }),
    inspect(error),
    // What console.log does.
    format(user),
    format("user", user, { user }),
    format("%s %d %i %f %j %o %O", user, user, user, user, user, user, user),
    Object.keys(user).join()
  ]
}

describe("a printed user", () => {
  it("shows sub and whether it is an administrator, and nothing else", () => {
    expect(JSON.parse(JSON.stringify(full))).toEqual({ sub: full.sub, isAdmin: false })
    expect(JSON.parse(JSON.stringify({ user: full.asAppAdmin() }))).toEqual({ user: { sub: full.sub, isAdmin: true } })
    expect(String(full)).toBe(`User(${full.sub})`)
    expect(inspect(full)).toBe(`User(${full.sub})`)
    expect(inspect({ user: full })).toContain(`User(${full.sub})`)
  })

  it("∀ user: printed in any way it shows no e-mail, name, group or other claim", () => {
    fc.assert(
      fc.property(anyUser(), ({ sub, username, email, name, givenName, familyName, groups }) => {
        const user = userOf({
          oidc: { sub, username: `u:${username}`, email, name: `n:${name}`, given_name: `g:${givenName}`, family_name: `f:${familyName}` },
          access: { "cognito:groups": (groups ?? []).map((group) => `group:${group}`), jti: "jti-1" }
        })
        for (const text of shownBy(user)) {
          for (const secret of [email ?? "ada@example.com", "u:", "n:", "g:", "f:", "group:", "jti-1"]) expect(text).not.toContain(secret)
        }
      }),
      { numRuns: runs(200) }
    )
  })
})

describe("the domain of an e-mail", () => {
  it.each([
    ["a@example.com", "example.com"],
    ["a@Example.COM", "Example.COM"],
    ["a@evil@example.com", ""],
    ["a@@example.com", ""],
    ["@example.com", ""],
    ["example.com", ""],
    ["a@", ""],
    ["", ""]
  ])("of %j is %j", (email, domain) => {
    expect(domainOf(email)).toBe(domain)
    expect(userOf({ oidc: { email } }).emailDomain).toBe(domain)
  })
})
