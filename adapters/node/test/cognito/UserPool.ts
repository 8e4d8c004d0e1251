/**
 * A user pool, its clients, groups and users, made and signed in through Cognito's API.
 *
 * Where moto 5.2 differs from Cognito:
 * - Every pool has the same key, of the kid `dummy`, also after a restart; the key set of a pool that does not exist is served too.
 *   So a token of another pool has a good signature, and only its `iss` tells.
 * - The access token has no `version`, and its JOSE header has a `typ`. It lives for an hour, whatever the client's settings say.
 * - A pool's id has 32 hexadecimal digits where Cognito's has nine letters and digits.
 * - There is no hosted sign-in and no `/oauth2/token`: users sign in by `AdminInitiateAuth`, so `scope` is
 *   `aws.cognito.signin.user.admin` alone. Tokens of client credentials are signed by moto's own key, with its own JWT library, as the
 *   Cognito guide shows them (`signService.py`): the client and its scopes are what the API knows.
 * - Signatures of API requests are not checked, and a client's `ExplicitAuthFlows` are not enforced.
 *
 * @module
 */
import { randomUUID } from "node:crypto"
import { type Moto, region } from "./startMoto.ts"

/** A user as the API has given it. */
export interface PoolUser {
  readonly username: string
  readonly password: string
  /** Given by the pool. */
  readonly sub: string
}

/** What a sign-in gives. */
export interface SignIn {
  readonly accessToken: string
  readonly idToken: string
  readonly refreshToken: string
}

export interface UserPool {
  readonly id: string
  readonly issuer: string
  readonly jwksUrl: string
  /** Makes an app client; resolves with its id. */
  readonly makeClient: () => Promise<string>
  /** Makes a user with a password, in groups, which are made where they are missing. */
  readonly makeUser: (user?: { readonly username?: string; readonly groups?: ReadonlyArray<string> }) => Promise<PoolUser>
  readonly join: (user: PoolUser, group: string) => Promise<void>
  readonly leave: (user: PoolUser, group: string) => Promise<void>
  readonly signIn: (user: PoolUser, clientId: string) => Promise<SignIn>
  /** A new access token for the refresh token, as a load balancer gets one while the user's session lasts. */
  readonly renew: (signIn: SignIn, clientId: string) => Promise<string>
}

export const makeUserPool = async ({ call, url }: Moto, inRegion = region): Promise<UserPool> => {
  const made = await call<{ UserPool: { Id: string } }>("cognito-idp.CreateUserPool", { PoolName: "people" }, inRegion)
  const { Id: UserPoolId } = made.UserPool
  const ask = <Answer>(operation: string, body: object) => call<Answer>(`cognito-idp.${operation}`, { UserPoolId, ...body }, inRegion)
  const known = new Set<string>()

  const join = async ({ username }: Pick<PoolUser, "username">, group: string) => {
    if (!known.has(group)) await ask("CreateGroup", { GroupName: group })
    known.add(group)
    await ask("AdminAddUserToGroup", { Username: username, GroupName: group })
  }

  const authenticate = async (clientId: string, flow: string, parameters: Readonly<Record<string, string>>) => {
    const body = { ClientId: clientId, AuthFlow: flow, AuthParameters: parameters }
    const answer = await ask<{ AuthenticationResult: Record<"AccessToken" | "IdToken" | "RefreshToken", string> }>(
      "AdminInitiateAuth",
      body
    )
    return answer.AuthenticationResult
  }

  return {
    id: UserPoolId,
    issuer: `https://cognito-idp.${inRegion}.amazonaws.com/${UserPoolId}`,
    jwksUrl: `${url}/${UserPoolId}/.well-known/jwks.json`,
    makeClient: async () => {
      const { UserPoolClient } = await ask<{ UserPoolClient: { ClientId: string } }>("CreateUserPoolClient", {
        ClientName: "app",
        ExplicitAuthFlows: ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
      })
      return UserPoolClient.ClientId
    },
    makeUser: async ({ username = `user-${randomUUID()}`, groups = [] } = {}) => {
      const password = `Aa1!${randomUUID()}`
      const { User } = await ask<{ User: { Attributes: ReadonlyArray<{ Name: string; Value: string }> } }>("AdminCreateUser", {
        Username: username,
        MessageAction: "SUPPRESS"
      })
      const sub = User.Attributes.find(({ Name }) => Name === "sub")?.Value
      if (sub === undefined) throw new Error(`AdminCreateUser gave ${username} no sub.`)
      await ask("AdminSetUserPassword", { Username: username, Password: password, Permanent: true })
      for (const group of groups) await join({ username }, group)
      return { username, password, sub }
    },
    join,
    leave: async ({ username }, group) => {
      await ask("AdminRemoveUserFromGroup", { Username: username, GroupName: group })
    },
    signIn: async ({ username, password }, clientId) => {
      const { AccessToken, IdToken, RefreshToken } = await authenticate(clientId, "ADMIN_USER_PASSWORD_AUTH", {
        USERNAME: username,
        PASSWORD: password
      })
      return { accessToken: AccessToken, idToken: IdToken, refreshToken: RefreshToken }
    },
    renew: async ({ refreshToken }, clientId) =>
      (await authenticate(clientId, "REFRESH_TOKEN_AUTH", { REFRESH_TOKEN: refreshToken })).AccessToken
  }
}
