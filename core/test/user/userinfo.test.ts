import { CognitoAuth, Policy, Provider, type User } from "@cognito-auth/core"
import * as Effect from "effect/Effect"
import { describe, expect, it } from "vitest"
import { sharedForge } from "../../../testing/test/sharedForge.ts"
import { answerOf } from "../verdictOf.ts"
import { type Userinfo, userinfos } from "./userinfo.fixtures.ts"

/** The user of an ALB token that holds this userinfo. */
const signIn = async ({ issuer, groupsClaim, claims }: Userinfo): Promise<User> => {
  const forge = await sharedForge({ provider: Provider.oidc({ issuer, clientId: "client-1", groupsClaim }) })
  const { authenticate } = CognitoAuth.make({ ...forge.settings().options, keySource: forge.keySource() })
  const own = {
    email: undefined,
    emailVerified: undefined,
    name: undefined,
    givenName: undefined,
    familyName: undefined,
    groups: undefined
  }
  const sub = String(claims["sub"])
  return Effect.runPromise(authenticate(await forge.headers({ ...own, sub, username: undefined, alb: { claims } })))
}

describe.each(userinfos)("the userinfo of $provider", (userinfo) => {
  it("makes the user that it describes", async () => {
    const user = await signIn(userinfo)
    const { sub, username, email, emailVerified, name, givenName, familyName, groups, hasKnownGroups, issuer } = user
    expect({ sub, username, email, emailVerified, name, givenName, familyName, groups, hasKnownGroups }).toEqual(userinfo.user)
    expect([issuer, user.isAuthenticated, user.isAdmin]).toEqual([userinfo.issuer, true, false])
    expect({ ...user.oidcClaims }).toMatchObject(userinfo.claims)
    expect({ ...user.accessClaims }).toEqual({})
  })

  it("never passes a rule by what it does not say, not even under not", async () => {
    const user = await signIn(userinfo)
    const ofLeavers = Policy.groups(["leavers"])
    const ofStrangers = Policy.domains(["strangers.example"])
    expect(answerOf(Policy.not(ofLeavers), user)).toBe(userinfo.user.hasKnownGroups ? true : "cannot tell")
    expect(answerOf(Policy.not(ofStrangers), user)).toBe(userinfo.user.emailVerified ? true : "cannot tell")
    expect(answerOf(Policy.groups(userinfo.user.groups.length > 0 ? userinfo.user.groups : ["staff"]), user)).toBe(
      userinfo.user.hasKnownGroups ? true : "cannot tell"
    )
  })
})

it("every source is a page of the provider's own", () => {
  for (const { source } of userinfos) {
    expect(source).toMatch(/^https:\/\/(\w+\.)?(okta\.com|keycloak\.org|auth0\.com|google\.com|microsoft\.com|github\.com\/goauthentik)\//)
  }
})
