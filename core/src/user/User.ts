/**
 * Step 3: claims → User. Total: whatever the verified claims hold, there is a user, and nothing of a wrong type in it.
 *
 * @module
 */
import type { VerifiedClaims } from "../token/Expected.ts"
import type { JsonObject } from "../token/JsonObject.ts"
import { cognitoGroups, noGroups, type ReadGroups } from "./Groups.ts"

/**
 * A verified user. Immutable, and safe to log: printed, or as JSON, it shows `sub` and nothing personal. Read the
 * properties for what an answer or a page is to hold.
 *
 * Text claims that the provider does not send are `""`.
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

  /** Nobody: what a handler gets on a path that `bypass` names. Not authenticated, in no group, no admin. */
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

  /** The user's id at the issuer: never changes, never given to another (OpenID Connect Core §2). */
  get sub(): string {
    return text(this.#claims.oidc, "sub")
  }
  /** Cognito's `username`; of other providers `preferred_username`, which need not be unique and may change (OpenID Connect Core §5.7). */
  get username(): string {
    const { oidc, access } = this.#claims
    return text(oidc, "username") || text(access, "username") || text(oidc, "preferred_username")
  }
  get email(): string {
    return text(this.#claims.oidc, "email")
  }
  /** What follows the e-mail's only `@`, as it was written; `""` where there is none, or more than one. */
  get emailDomain(): string {
    return domainOf(this.email)
  }
  /** Whether the provider says that it has verified the e-mail: by the string `"true"` as Cognito, or by a boolean. Some say nothing: `false`. */
  get emailVerified(): boolean {
    const verified = this.#claims.oidc["email_verified"]
    return verified === true || verified === "true"
  }
  get name(): string {
    return text(this.#claims.oidc, "name")
  }
  get givenName(): string {
    return text(this.#claims.oidc, "given_name")
  }
  get familyName(): string {
    return text(this.#claims.oidc, "family_name")
  }
  /** The groups: Cognito's, or those of the setting `groupsClaim`. Only an array of strings is a set of groups; anything else is none. */
  get groups(): ReadonlyArray<string> {
    return this.#groups ?? noGroups
  }
  /**
   * Whether it is known which groups the user is in: the claim is an array of strings, or absent, which is how Cognito
   * says none. (With another provider, an absent claim says nothing.) Ask for it where being in no group would allow something.
   */
  get hasKnownGroups(): boolean {
    return this.#groups !== undefined
  }
  /** Whether the user is in the group: names compare exactly. */
  isIn(group: string): boolean {
    return this.groups.includes(group)
  }
  /** A platform or an app administrator: passes every rule. */
  get isAdmin(): boolean {
    return this.#isAppAdmin || this.isPlatformAdmin
  }
  /** Named by the policy's `adminGroups` or `adminUsers`. */
  get isAppAdmin(): boolean {
    return this.#isAppAdmin
  }
  /** In one of the groups of the setting `platformAdminGroups`. */
  get isPlatformAdmin(): boolean {
    return isInAny(this.groups, this.#platformAdminGroups)
  }
  /** `true` for every user that a token stands for; `false` for `User.anonymous` alone. */
  get isAuthenticated(): boolean {
    return this.sub !== ""
  }
  /** When the sign-in expires: the `exp` of the access token; of the load balancer's token where the access token is ignored. */
  get expiresAt() {
    // biome-ignore lint/style/noRestrictedGlobals: a fixed date is made here; the clock is not read.
    return new Date(this.#claims.exp * 1000)
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

  /** What a log shows. */
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

/** By index: of a frozen array, `some` and iterators take V8's slow path, and this is asked of every request. */
export const isInAny = (groups: ReadonlyArray<string>, wanted: ReadonlySet<string>): boolean => {
  for (let i = 0; i < groups.length; i++) if (wanted.has(groups[i] as string)) return true
  return false
}

/** What follows the only `@`; `""` where there is none, more than one, or nothing on a side of it. */
export const domainOf = (email: string): string => {
  const at = email.indexOf("@")
  return at < 1 || email.includes("@", at + 1) ? "" : email.slice(at + 1)
}

const text = (claims: JsonObject, name: string): string => {
  const value = claims[name]
  return typeof value === "string" ? value : ""
}

export const deepFreeze = <A>(value: A): A => {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value
  for (const member of Object.values(value)) deepFreeze(member)
  return Object.freeze(value)
}
