/**
 * The mock user of dev mode: who it is, and the claims that it would have.
 *
 * @module
 */
import { User } from "./User.ts"

/** The mock user's fields, as the Python package's `dev-mock-user.json` has them. */
export interface DevUser {
  readonly email: string
  readonly sub: string
  readonly username: string
  readonly groups: ReadonlyArray<string>
  readonly email_verified: boolean
  readonly name: string
  readonly given_name: string
  readonly family_name: string
  /** Which pool the mock claims name: none of AWS's. */
  readonly issuer: string
}

/** What is given of it: every field but the issuer. */
export type GivenDevUser = { readonly [Field in keyof Omit<DevUser, "issuer">]?: DevUser[Field] | undefined }

/** The issuer in the mock user's claims. */
export const mockIssuer = (region: string): string => `https://cognito-idp.${region}.amazonaws.com/mock-pool`

/** The Python package's defaults for what is absent. */
export const toDevUser = (given: GivenDevUser, issuer: string): DevUser => {
  const { sub = "mock-12345678-1234-1234-1234-123456789abc", given_name = "Dev", family_name = "User" } = given
  return {
    email: given.email ?? "dev@example.com",
    sub,
    username: given.username ?? sub,
    groups: given.groups ?? [],
    email_verified: given.email_verified ?? true,
    name: given.name ?? `${given_name} ${family_name}`,
    given_name,
    family_name,
    issuer
  }
}

/** The mock user, signed in just now for an hour. */
export const mockUser = (devUser: DevUser, platformAdminGroups: ReadonlySet<string>, nowMillis: number): User => {
  const { groups, issuer: iss, sub, username, ...profile } = devUser
  const iat = Math.floor(nowMillis / 1000)
  const exp = iat + 3600
  return User.fromClaims(
    {
      oidc: bare({ sub, username, ...profile, exp, iss }),
      access: bare({
        sub,
        "cognito:groups": groups,
        iss,
        version: 2,
        client_id: "mock-client-id",
        token_use: "access",
        scope: "openid",
        auth_time: iat,
        exp,
        iat,
        username
      }),
      issuer: iss,
      exp
    },
    platformAdminGroups
  )
}

const bare = (claims: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => Object.assign(Object.create(null), claims)
