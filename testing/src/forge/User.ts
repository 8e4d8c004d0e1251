/**
 * A user without tokens, for unit tests of code that runs after the sign-in.
 *
 * @module
 */
import { User as CoreUser } from "@cognito-auth/core"
import { mockIssuer, mockUser, toDevUser } from "@cognito-auth/core/DevUser"
import { variableRows } from "@cognito-auth/core/SettingRows"

/** The fields of a mock user, with the names that core's `User` has. Fields that are left out have the defaults of dev mode's user. */
export interface MockedUser {
  /** The user's id in the pool. Default `mock-12345678-1234-1234-1234-123456789abc`. */
  readonly sub?: string | undefined
  /** Default: the `sub`. */
  readonly username?: string | undefined
  /** Default `dev@example.com`. */
  readonly email?: string | undefined
  /** Default `true`. */
  readonly emailVerified?: boolean | undefined
  /** Default: the given and the family name. */
  readonly name?: string | undefined
  /** Default `Dev`. */
  readonly givenName?: string | undefined
  /** Default `User`. */
  readonly familyName?: string | undefined
  /** The Cognito groups. Default none. */
  readonly groups?: ReadonlyArray<string> | undefined
  /** Whether the app's policy makes the user an administrator. Default `false`. */
  readonly isAppAdmin?: boolean | undefined
  /** The groups that the setting of this name has. Default none. */
  readonly platformAdminGroups?: ReadonlyArray<string> | undefined
  /** The region in the issuer. Default `eu-west-2`. */
  readonly region?: string | undefined
  /** Further claims, in both tokens; they win over the fields. */
  readonly claims?: Readonly<Record<string, unknown>> | undefined
}

/**
 * A user as an adapter passes it to a handler, signed in just now for an hour; nothing is signed or
 * verified. The defaults are those of the Python package's `User.create_mock`, but no file is read.
 *
 * @example
 * expect(greet(User.mock({ name: "Ada", groups: ["admins"] }))).toBe("Hello administrator Ada")
 */
const mock = (user: MockedUser = {}): CoreUser => {
  const { sub, username, email, emailVerified, name, givenName, familyName, groups, claims = {} } = user
  const fields = {
    sub,
    username,
    email,
    email_verified: emailVerified,
    name,
    given_name: givenName,
    family_name: familyName,
    // A copy: a user's groups are frozen.
    groups: groups && [...groups]
  }
  const devUser = toDevUser(fields, mockIssuer(user.region ?? variableRows.region.default))
  const platformAdminGroups = new Set(user.platformAdminGroups)
  const { oidcClaims, accessClaims } = mockUser(devUser, platformAdminGroups, Date.now())
  const [oidc, access] = [
    { ...oidcClaims, ...claims },
    { ...accessClaims, ...claims }
  ]
  const mocked = CoreUser.fromClaims({ oidc, access, issuer: String(access["iss"]), exp: Number(access["exp"]) }, platformAdminGroups)
  return user.isAppAdmin === true ? mocked.asAppAdmin() : mocked
}

/** Core's `User`, as a type; and as a value, `User.mock`. */
export type User = CoreUser
export const User = { mock } as const
