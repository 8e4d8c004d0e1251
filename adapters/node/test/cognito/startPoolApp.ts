/**
 * An app with the node adapter behind a load balancer whose users sign in to a pool: the access token is the pool's own, as it was
 * issued; the load balancer's token beside it is forged, since moto has no load balancer that signs users in.
 *
 * @module
 */
import type { AdapterOptions, NodeAuth } from "@cognito-auth/node"
import type { Forge, ForgedHeaders, Forgery } from "@cognito-auth/testing"
import { vi } from "vitest"
import { sharedForge } from "../../../../testing/test/sharedForge.ts"
import { startApp } from "../app.ts"
import type { PoolUser, UserPool } from "./UserPool.ts"

/** The user as the app sees it. */
interface SeenUser {
  readonly sub: string
  readonly username: string
  readonly email: string
  readonly groups: ReadonlyArray<string>
  readonly hasKnownGroups: boolean
  readonly issuer: string
}

/** The app's answer: its user, or what the refusal says. */
export interface PoolAnswer {
  readonly status: number
  readonly headers: Headers
  readonly user: SeenUser | undefined
  /** The error's name, and where it has them the header and the check: `ClientRefused accesstoken client_id`. */
  readonly refusal: string | undefined
}

export interface PoolApp {
  readonly auth: NodeAuth
  /** Signs as the pool and the client, with keys of its own. */
  readonly forge: Forge
  /** The headers that a load balancer sends for this user, with an access token. */
  readonly headers: (user: PoolUser, accessToken: string, forgery?: Forgery) => Promise<ForgedHeaders>
  readonly get: (headers: ForgedHeaders) => Promise<PoolAnswer>
  /** Signs the user in, and asks the app with the new tokens. */
  readonly enter: (user: PoolUser) => Promise<PoolAnswer>
  readonly log: () => string
  /** Reads the policy now. More than once where the machine is busy: the SDK gives a connection one second. */
  readonly reload: () => Promise<void>
}

export const startPoolApp = async (pool: UserPool, clientId: string, options: AdapterOptions): Promise<PoolApp> => {
  // A busy machine may take minutes over what a test does with one sign-in.
  const forge = await sharedForge({ userPoolId: pool.id, clientId, albLifetime: "30 minutes" })
  const { port, auth, log } = await startApp(forge, {
    // The issuer is not set: it is the pool's own, as with AWS. A busy machine has the time that it needs for a key.
    options: { jwksUrl: pool.jwksUrl, keys: { timeout: "30 seconds" }, ...options },
    listener: (auth) =>
      auth.protect((_req, res, user) => {
        const { sub, username, email, groups, hasKnownGroups, issuer } = user
        res.end(JSON.stringify({ sub, username, email, groups, hasKnownGroups, issuer } satisfies SeenUser))
      })
  })
  const headers = async ({ sub, username }: PoolUser, accessToken: string, forgery: Forgery = {}) => ({
    ...(await forge.headers({ sub, username, ...forgery })),
    "x-amzn-oidc-accesstoken": accessToken
  })
  const get = async (fields: ForgedHeaders): Promise<PoolAnswer> => {
    const response = await fetch(`http://127.0.0.1:${port}/`, { headers: fields })
    const { status } = response
    const body = await response.json()
    if (status === 200) return { status, headers: response.headers, user: body as SeenUser, refusal: undefined }
    const { error, header = "", check = "" } = body as Record<"error" | "header" | "check", string | undefined>
    const refusal = `${error} ${header.replace("x-amzn-oidc-", "")} ${check}`.trim()
    return { status, headers: response.headers, user: undefined, refusal }
  }
  return {
    auth,
    forge,
    headers,
    get,
    enter: async (user) => get(await headers(user, (await pool.signIn(user, clientId)).accessToken)),
    log,
    reload: () => vi.waitFor(() => auth.reload(), { timeout: 60_000 })
  }
}
