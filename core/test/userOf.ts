/** A user of verified claims, as step 2 hands them to step 3. */
import { User } from "@cognito-auth/core"

interface Claims {
  /** Of the ALB's token. A `sub` and a verified e-mail are there unless they are overridden. */
  readonly oidc?: Readonly<Record<string, unknown>>
  /** Of the access token. */
  readonly access?: Readonly<Record<string, unknown>>
  readonly platformAdminGroups?: ReadonlyArray<string>
}

const issuerIn = ({ iss }: Readonly<Record<string, unknown>>): string => (typeof iss === "string" ? iss : "")

export const userOf = ({ oidc = {}, access = {}, platformAdminGroups = ["platform-admins"] }: Claims = {}): User =>
  User.fromClaims(
    {
      oidc: { sub: "sub-1", email: "ada@example.com", email_verified: "true", ...oidc },
      access: { sub: "sub-1", ...access },
      issuer: issuerIn(access),
      exp: Number(access["exp"] ?? 0)
    },
    new Set(platformAdminGroups)
  )

/** A user of this e-mail, and of these groups. */
export const userWith = (email: unknown, groups: ReadonlyArray<string> = [], verified: unknown = "true"): User =>
  userOf({ oidc: { email, email_verified: verified }, access: { "cognito:groups": groups } })
