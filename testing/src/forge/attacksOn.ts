/**
 * The attacks on the sign-in of any forge.
 *
 * @module
 */
import { type Attack, attack, attackOnAccessToken, rewrite } from "./Attack.ts"
import { attacks } from "./attacks.ts"
import { hasAccessToken } from "./forgeTokens.ts"
import type { Forge } from "./makeForge.ts"

/**
 * The attacks that an app which trusts this forge must refuse, with its provider as it is.
 *
 * @example
 * for (const { title, error, headers } of attacksOn(forge)) {
 *   it(`refuses: ${title}`, async () => {
 *     const response = await fetch(url, { headers: await headers(forge) })
 *     expect(response.status).toBe(httpMeaning[error].status)
 *   })
 * }
 */
export const attacksOn = ({ provider }: Forge): ReadonlyArray<Attack> => {
  if (provider._tag === "cognito") return Object.values(attacks)
  // Of Cognito's access token alone: others have neither claim, and name an audience instead.
  const { accessOfAnotherClient: _client, idToken: _use, ...shared } = attacks
  const all: ReadonlyArray<Attack> = [...Object.values(shared), ...Object.values(oidcAttacks)]
  return all.filter(({ isOnAccessToken }) => !isOnAccessToken || hasAccessToken(provider))
}

const audienceOf = ({ provider }: Forge): string => (provider._tag === "oidc" ? (provider.audience ?? "") : "")

const oidcAttacks = {
  writtenGroups: attack("a group written into the load balancer's token", "SignatureInvalid", (forge, user) => {
    const claim = forge.provider._tag === "oidc" ? (forge.provider.groupsClaim ?? "groups") : "groups"
    return forge.headers({ ...user, alb: { afterSigning: rewrite({ [claim]: ["admins", "platform-admins"] }) } })
  }),
  writtenVerification: attack("an e-mail that is marked as verified on the way", "SignatureInvalid", (forge, user) =>
    forge.headers({ ...user, emailVerified: false, alb: { afterSigning: rewrite({ email_verified: true }) } })
  ),
  accessTokenAsAlbToken: attack("the access token in the load balancer's place", "TokenMalformed", async (forge, user) => {
    const headers = await forge.headers(user)
    return { ...headers, "x-amzn-oidc-data": forge.provider._tag === "cognito" ? "" : "opaque-access-token" }
  }),
  anotherAudience: attackOnAccessToken("an access token for another audience", "ClientRefused", (forge, user) =>
    forge.headers({ ...user, access: { claims: { aud: `${audienceOf(forge)}/other` } } })
  ),
  noAudience: attackOnAccessToken("an access token for no audience", "ClientRefused", (forge, user) =>
    forge.headers({ ...user, access: { claims: { aud: undefined } } })
  ),
  partOfAudience: attackOnAccessToken("an access token whose audience is part of the expected one", "ClientRefused", (forge, user) =>
    forge.headers({ ...user, access: { claims: { aud: audienceOf(forge).slice(0, -1) } } })
  ),
  nestedAudience: attackOnAccessToken("an access token with its audience in a nested list", "ClientRefused", (forge, user) =>
    forge.headers({ ...user, access: { claims: { aud: [[audienceOf(forge)]] } } })
  )
} satisfies Record<string, Attack>
