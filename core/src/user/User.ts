/**
 * Step 3: claims → User. Total: any verified claims give a user, and every property has the right type.
 *
 * @module
 */
import type { VerifiedClaims } from "../token/Expected.ts"
import type { JsonObject } from "../token/JsonObject.ts"
import { dateOf } from "../token/Validity.ts"
import { cognitoGroups, noGroups, type ReadGroups } from "./Groups.ts"

/**
 * A verified user. Immutable, and safe to log: printed or as JSON, it shows only `sub` and `isAdmin`. To put personal data into
 * a response or a page, read the properties.
 *
 * String claims that the provider does not send are `""`.
 */
export class User {
  readonly #claims: VerifiedClaims
  readonly #platformAdminGroups: ReadonlySet<string>
  readonly #isAppAdmin: boolean
  /** `undefined`: which groups the user is in cannot be told. */
  readonly #groups: ReadonlyArray<string> | undefined

  private constructor(
    claims: VerifiedClaims,
    groups: ReadonlyArray<string> | undefined,
    platformAdminGroups: ReadonlySet<string>,
    isAppAdmin: boolean
  ) {
    this.#claims = claims
    this.#groups = groups
    this.#platformAdminGroups = platformAdminGroups
    this.#isAppAdmin = isAppAdmin
    Object.freeze(this)
  }

  /** The user of verified claims. `readGroups` says where the groups are; default: in Cognito's access token. */
  static fromClaims(claims: VerifiedClaims, platformAdminGroups: ReadonlySet<string>, readGroups: ReadGroups = cognitoGroups): User {
    return new User(claims, readGroups(claims), platformAdminGroups, false)
  }

  /** The user on a path that `bypass` lists: not authenticated, in no group, not an administrator. */
  static readonly anonymous: User = new User(
    { oidc: Object.create(null), access: Object.create(null), issuer: "", exp: 0 },
    [],
    new Set(),
    false
  )

  /** What tells it from a `Service`. */
  get _tag(): "User" {
    return "User"
  }

  /** The same user, as an administrator of this app. */
  asAppAdmin(): User {
    return this.#isAppAdmin ? this : new User(this.#claims, this.#groups, this.#platformAdminGroups, true)
  }

  /** The user's id at the issuer: it never changes, and is never reused (OpenID Connect Core §2). */
  get sub(): string {
    return stringClaim(this.#claims.oidc, "sub")
  }
  /** Cognito's `username`; of other providers `preferred_username`, which need not be unique and may change (OpenID Connect Core §5.7). */
  get username(): string {
    const { oidc, access } = this.#claims
    return stringClaim(oidc, "username") || stringClaim(access, "username") || stringClaim(oidc, "preferred_username")
  }
  get email(): string {
    return stringClaim(this.#claims.oidc, "email")
  }
  /** The part of the e-mail after its only `@`, in the original case; `""` if there is no `@`, or more than one. */
  get emailDomain(): string {
    return domainOf(this.email)
  }
  /** Whether the provider says that it has verified the e-mail: by the string `"true"` as Cognito, or by a boolean. Some say nothing: `false`. */
  get emailVerified(): boolean {
    const verified = this.#claims.oidc["email_verified"]
    return verified === true || verified === "true"
  }
  get name(): string {
    return stringClaim(this.#claims.oidc, "name")
  }
  get givenName(): string {
    return stringClaim(this.#claims.oidc, "given_name")
  }
  get familyName(): string {
    return stringClaim(this.#claims.oidc, "family_name")
  }
  /** The groups: Cognito's, or those of the setting `groupsClaim`. If the claim is not an array of strings, there are none. */
  get groups(): ReadonlyArray<string> {
    return this.#groups ?? noGroups
  }
  /**
   * Whether the user's groups are known: the claim is an array of strings, or, with Cognito alone, absent, which means no group.
   * Check it if being in no group would allow something.
   */
  get hasKnownGroups(): boolean {
    return this.#groups !== undefined
  }
  /** Whether the user is in the group. Names are compared exactly. */
  isIn(group: string): boolean {
    return this.groups.includes(group)
  }
  /** Whether the user is a platform or app administrator. Administrators pass every rule. */
  get isAdmin(): boolean {
    return this.#isAppAdmin || this.isPlatformAdmin
  }
  /** Listed in the policy's `adminGroups` or `adminUsers`. */
  get isAppAdmin(): boolean {
    return this.#isAppAdmin
  }
  /** In one of the groups of the setting `platformAdminGroups`. */
  get isPlatformAdmin(): boolean {
    return isInAny(this.groups, this.#platformAdminGroups)
  }
  /** `true` for every user from a token; `false` only for `User.anonymous`. */
  get isAuthenticated(): boolean {
    return this.sub !== ""
  }
  /** When the sign-in expires: the `exp` of the access token; of the load balancer's token where the access token is ignored. */
  get expiresAt() {
    return dateOf(this.#claims.exp)
  }
  /** Who issued the tokens: the URL of the user pool, or of the provider. */
  get issuer(): string {
    return this.#claims.issuer
  }
  /** All claims of the ALB's token, frozen. */
  get oidcClaims(): JsonObject {
    return deepFreeze(this.#claims.oidc)
  }
  /** All claims of the access token, frozen; none where it is ignored. */
  get accessClaims(): JsonObject {
    return deepFreeze(this.#claims.access)
  }

  /** What a log line contains. */
  toJSON(): { readonly sub: string; readonly isAdmin: boolean } {
    return { sub: this.sub, isAdmin: this.isAdmin }
  }
  toString(): string {
    return `User(${this.sub})`
  }
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString()
  }
}

/** A loop by index: on a frozen array, `some` and iterators take V8's slow path, and this runs for every request. */
export const isInAny = (groups: ReadonlyArray<string>, wanted: ReadonlySet<string>): boolean => {
  for (let i = 0; i < groups.length; i++) if (wanted.has(groups[i] as string)) return true
  return false
}

/** The part after the only `@`; `""` if there is no `@`, more than one, or nothing on either side of it. */
export const domainOf = (email: string): string => {
  const at = email.indexOf("@")
  return at < 1 || email.includes("@", at + 1) ? "" : email.slice(at + 1)
}

const stringClaim = (claims: JsonObject, name: string): string => {
  const value = claims[name]
  return typeof value === "string" ? value : ""
}

export const deepFreeze = <A>(value: A): A => {
  // What is no object counts as frozen.
  if (Object.isFrozen(value)) return value
  for (const member of Object.values(value as object)) deepFreeze(member)
  return Object.freeze(value)
}
