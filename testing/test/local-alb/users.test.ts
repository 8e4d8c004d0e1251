import { ConfigurationError } from "@cognito-auth/core"
import { readUsers } from "@cognito-auth/testing/local-alb"
import { describe, expect, it } from "vitest"

const faultsOf = (users: unknown): ReadonlyArray<string> => {
  try {
    readUsers(typeof users === "string" ? users : JSON.stringify(users))
  } catch (error) {
    if (error instanceof ConfigurationError) return error.faults.map(({ setting, problem }) => `${setting}: ${problem}`)
    throw error
  }
  throw new Error("it was read")
}

describe("users.json", () => {
  it("is a list of users, each with the fields of dev-mock-user.json, of which only the e-mail is needed", () => {
    const full = {
      email: "ada@example.com",
      name: "Ada Lovelace",
      groups: ["admins", "team-é"],
      sub: "sub-1",
      username: "ada",
      email_verified: false,
      given_name: "Ada",
      family_name: "Lovelace"
    }
    expect(readUsers(JSON.stringify([full, { email: "grace@example.com" }]))).toEqual([
      {
        email: "ada@example.com",
        name: "Ada Lovelace",
        groups: ["admins", "team-é"],
        sub: "sub-1",
        username: "ada",
        emailVerified: false,
        givenName: "Ada",
        familyName: "Lovelace"
      },
      { email: "grace@example.com" }
    ])
  })

  it("names every fault, and where it stands", () => {
    expect(
      faultsOf([{ email: 5 }, { email: "x@example.com", grups: [] }, { email: "no-address", groups: ["a b", 7] }, "z@example.com"])
    ).toEqual([
      "users.json, user 1, email: Expected string.",
      "users.json, user 2, grups: There is no such field. Known fields: email, name, groups, sub, username, email_verified, given_name, family_name, claims.",
      "users.json, user 3, email: Expected an e-mail address.",
      "users.json, user 3, groups, entry 1: Expected a group's name, without spaces.",
      "users.json, user 3, groups, entry 2: Expected string.",
      "users.json, user 4: Expected object."
    ])
    expect(faultsOf("[{]")).toEqual(["users.json: is not JSON."])
    expect(faultsOf({ email: "x@example.com" })).toEqual(["users.json: Expected array."])
    expect(faultsOf([])).toEqual(["users.json: Expected at least one user."])
    expect(faultsOf([{ email: "x@example.com" }, { email: "X@example.com" }])).toEqual(["users.json: X@example.com is listed twice."])
  })
})
