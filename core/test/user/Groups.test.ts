import { describe, expect, it } from "vitest"
import { groupsOf } from "../../src/user/Groups.ts"

const claims = { oidc: { roles: ["staff"], undefined: ["everybody"] }, access: { "cognito:groups": ["admins"] }, issuer: "x", exp: 0 }

describe("the groups of a user", () => {
  it("are those of Cognito's access token", () => {
    expect(groupsOf({ _tag: "cognito" })(claims)).toEqual(["admins"])
  })

  it("are those of the configured claim with another provider, and not known without one", () => {
    const oidc = { _tag: "oidc", audience: undefined } as const
    expect(groupsOf({ ...oidc, groupsClaim: "roles" })(claims)).toEqual(["staff"])
    for (const groupsClaim of ["groups", undefined]) expect(groupsOf({ ...oidc, groupsClaim })(claims)).toBeUndefined()
  })
})
