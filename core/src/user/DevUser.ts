/**
 * The mock user of dev mode, and its claims.
 *
 * @module
 */
import { User } from "./User.ts"

/** The mock user's fields, as in the Python package's `dev-mock-user.json`. */
export interface DevUser {
  readonly email: string
  readonly sub: string
  readonly username: string
  readonly groups: ReadonlyArray<string>
  readonly email_verified: boolean
  readonly name: string
  readonly given_name: string
  readonly family_name: string
  /** The `iss` of the mock claims. It is not an AWS user pool. */
  readonly issuer: string
}

/** The fields that may be given: all except the issuer. */
export type GivenDevUser = { readonly [Field in keyof Omit<DevUser, "issuer">]?: DevUser[Field] | undefined }

/** The issuer in the mock user's claims. */
export const mockIssuer = (region: string): string => `https://cognito-idp.${region}.amazonaws.com/mock-pool`

/** Adds the Python package's defaults for absent fields. */
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

/** The mock user, signed in now for one hour. */
export const mockUser = (devUser: DevUser, platformAdminGroups: ReadonlySet<string>, nowMillis: number): User => {
  const { groups, issuer: iss, sub, username, ...profile } = devUser
  const iat = Math.floor(nowMillis / 1000)
  const exp = iat + 3600
  return User.fromClaims(
    {
      oidc: withoutPrototype({ sub, username, ...profile, exp, iss }),
      access: withoutPrototype({
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

const withoutPrototype = (claims: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.assign(Object.create(null), claims)
