/**
 * Step 3: claims → User. Total: any verified claims give a user, and every property has the right type.
 *
 * @module
 */
import type { VerifiedClaims } from "../token/Claims.ts"
import type { JsonObject } from "../token/JsonObject.ts"

/**
 * A verified user. Immutable, and safe to log: printed or as JSON, it shows only `sub` and `isAdmin`. To put personal data into
 * a response or a page, read the properties.
 *
 * String claims that the pool does not send are `""`.
 */
export class User {
  readonly #oidc: JsonObject
  readonly #access: JsonObject
  readonly #platformAdminGroups: ReadonlySet<string>
  readonly #isAppAdmin: boolean
  /** `undefined`: the claim is present, but not valid. */
  readonly #groups: ReadonlyArray<string> | undefined

  private constructor(
    claims: VerifiedClaims,
    groups: ReadonlyArray<string> | undefined,
    platformAdminGroups: ReadonlySet<string>,
    isAppAdmin: boolean
  ) {
    this.#oidc = claims.oidc
    this.#access = claims.access
    this.#groups = groups
    this.#platformAdminGroups = platformAdminGroups
    this.#isAppAdmin = isAppAdmin
    Object.freeze(this)
  }

  /** The user of verified claims. */
  static fromClaims(claims: VerifiedClaims, platformAdminGroups: ReadonlySet<string>): User {
    return new User(claims, readGroups(claims.access), platformAdminGroups, false)
  }

  /** The user on a path that `bypass` lists: not authenticated, in no group, not an administrator. */
  static readonly anonymous: User = new User({ oidc: Object.create(null), access: Object.create(null) }, [], new Set(), false)

  /** The same user, as an administrator of this app. */
  asAppAdmin(): User {
    return this.#isAppAdmin ? this : new User({ oidc: this.#oidc, access: this.#access }, this.#groups, this.#platformAdminGroups, true)
  }

  /** The user's id in the pool. It never changes, and is never reused. */
  get sub(): string {
    return stringClaim(this.#oidc, "sub")
  }
  get username(): string {
    return stringClaim(this.#oidc, "username") || stringClaim(this.#access, "username")
  }
  get email(): string {
    return stringClaim(this.#oidc, "email")
  }
  /** The part of the e-mail after its only `@`, in the original case; `""` if there is no `@`, or more than one. */
  get emailDomain(): string {
    return domainOf(this.email)
  }
  /** Whether the pool has verified the e-mail. The ALB sends the string `"true"`, some providers a boolean. */
  get emailVerified(): boolean {
    const verified = this.#oidc["email_verified"]
    return verified === true || verified === "true"
  }
  get name(): string {
    return stringClaim(this.#oidc, "name")
  }
  get givenName(): string {
    return stringClaim(this.#oidc, "given_name")
  }
  get familyName(): string {
    return stringClaim(this.#oidc, "family_name")
  }
  /** The Cognito groups. If the claim is not an array of strings, there are none. */
  get groups(): ReadonlyArray<string> {
    return this.#groups ?? noGroups
  }
  /**
   * Whether the user's groups are known: the claim is an array of strings, or absent, which means no group. Check it if
   * being in no group would allow something.
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
  /** When the access token expires: its `exp`. */
  get expiresAt() {
    const exp = this.#access["exp"]
    // biome-ignore lint/style/noRestrictedGlobals: a date from a claim; the clock is not read.
    return new Date(typeof exp === "number" ? exp * 1000 : 0)
  }
  /** The user pool: the `iss` of the access token. */
  get issuer(): string {
    return stringClaim(this.#access, "iss")
  }
  /** All claims of the ALB's token, frozen. */
  get oidcClaims(): JsonObject {
    return deepFreeze(this.#oidc)
  }
  /** All claims of the access token, frozen. */
  get accessClaims(): JsonObject {
    return deepFreeze(this.#access)
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

const readGroups = (access: JsonObject): ReadonlyArray<string> | undefined => {
  const groups = access["cognito:groups"]
  // Cognito guide, "Access token": the claim is absent when the user is in no group.
  if (groups === undefined) return noGroups
  return Array.isArray(groups) && groups.every((group) => typeof group === "string") ? Object.freeze(groups) : undefined
}
const noGroups: ReadonlyArray<string> = Object.freeze([])

const deepFreeze = <A>(value: A): A => {
  // What is no object counts as frozen.
  if (Object.isFrozen(value)) return value
  for (const member of Object.values(value as object)) deepFreeze(member)
  return Object.freeze(value)
}
