import { type CheckId, checkIds } from "@cognito-auth/core/Check"
import { type ExpectedProvider, isMadeOf, verifiesAccessToken } from "@cognito-auth/core/Expected"
import { describe, expect, it } from "vitest"

const cognito: ExpectedProvider = { _tag: "cognito" }
const verified: ExpectedProvider = { _tag: "oidc", groupsClaim: "groups", audience: "api://orders" }
const ignored: ExpectedProvider = { _tag: "oidc", groupsClaim: undefined, audience: undefined }

const madeOf = (provider: ExpectedProvider, asks: "user" | "service") => checkIds.filter((id) => isMadeOf(provider, id, asks))

/** By their names, which are another source than the rows that say it. */
const ofAccessToken = (id: CheckId) => /^access\.|^header\.accesstoken$|^subject\.access$/.test(id)
const ofUsers = checkIds.filter((id) => !id.startsWith("bearer."))

describe("the checks that are made", () => {
  it("of Cognito's users: all of theirs but the audience", () => {
    expect(madeOf(cognito, "user")).toEqual(ofUsers.filter((id) => id !== "access.aud"))
  })

  it("of another provider's users: all but those on claims that Cognito alone has", () => {
    expect(madeOf(verified, "user")).toEqual(ofUsers.filter((id) => id !== "access.token_use" && id !== "access.client_id"))
  })

  it("of users whose access token is ignored: none of that", () => {
    expect(madeOf(ignored, "user")).toEqual(ofUsers.filter((id) => !ofAccessToken(id)))
  })

  it("of a service: those of its own token, and only Cognito's has any", () => {
    expect(madeOf(cognito, "service")).toEqual(checkIds.filter((id) => id.startsWith("bearer.")))
    for (const provider of [verified, ignored]) expect(madeOf(provider, "service")).toEqual([])
  })
})

describe("the access token", () => {
  it.each([
    ["of Cognito is verified", cognito, true],
    ["of another provider is verified where its audience is known", verified, true],
    ["of another provider is ignored without an audience", ignored, false]
  ] as const)("%s", (_, provider, isVerified) => {
    expect(verifiesAccessToken(provider)).toBe(isVerified)
  })
})
