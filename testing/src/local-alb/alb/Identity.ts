/**
 * The signed-in user → the three headers. The access token is forwarded as the pool issued it; the load balancer's
 * own token is signed here, for each request or once the last one is stale.
 *
 * @module
 */
import type { Forge } from "../../forge/makeForge.ts"
import { noSignature } from "../cognito/UserPool.ts"
import type { LocalAlbSettings } from "../Options.ts"
import { completeUser, type LocalUser } from "../Users.ts"
import type { OpenSession } from "./Sessions.ts"

/** The header lines of a signed-in user's request. */
export type Identity = (session: OpenSession) => Promise<ReadonlyArray<readonly [name: string, value: string]>>

/** The bound of cached tokens: those of ended sessions stay until they are evicted. */
const mostSigned = 1_000

export const makeIdentity = (
  forge: Forge,
  { signsEachRequest, albLifetimeMillis }: Pick<LocalAlbSettings, "signsEachRequest" | "albLifetimeMillis">
): Identity => {
  const signed = new Map<string, { readonly data: string; readonly revision: number; readonly staleAt: number }>()

  const sign = async (user: LocalUser): Promise<string> =>
    (await forge.tokens({ ...user, alb: { claims: user.claims }, access: { signWith: noSignature } })).data

  const dataOf = async ({ id, grant: { revision } }: OpenSession, user: LocalUser): Promise<string> => {
    if (signsEachRequest) return sign(user)
    const known = signed.get(id)
    if (known !== undefined && known.revision === revision && forge.now() < known.staleAt) return known.data
    const data = await sign(user)
    if (signed.size >= mostSigned) signed.clear()
    signed.set(id, { data, revision, staleAt: forge.now() + albLifetimeMillis * 0.75 })
    return data
  }

  return async (session) => {
    // JSON in the cookie drops claims that are undefined.
    const user = completeUser(session.grant.user)
    const lines = (data: string, accessToken: string) =>
      [
        ["x-amzn-oidc-accesstoken", accessToken],
        ["x-amzn-oidc-identity", user.sub ?? ""],
        ["x-amzn-oidc-data", data]
      ] as const
    if (!session.hasExpiredTokens) return lines(await dataOf(session, user), session.grant.accessToken)
    const exp = Math.floor(forge.now() / 1000) - 60
    const expired = await forge.tokens({ ...user, alb: { header: { exp }, claims: { ...user.claims, exp } }, access: { claims: { exp } } })
    return lines(expired.data, expired.accessToken)
  }
}
