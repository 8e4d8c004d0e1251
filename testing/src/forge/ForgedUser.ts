/**
 * The user whom forged tokens name.
 *
 * @module
 */
import { randomUUID } from "node:crypto"

/**
 * The user of forged tokens, with the names that core's `User` has. A field that is left out gets a default; one that is
 * `undefined` is left out of the tokens.
 */
export interface ForgedUser {
  /** The user's id in the pool. Default: a new UUID. */
  readonly sub?: string | undefined
  /** Default: the `sub`, as in a pool whose users sign in by e-mail. */
  readonly username?: string | undefined
  /** Default `ada@example.com`. */
  readonly email?: string | undefined
  /** Default `true`. Cognito sends it as a string, and so does the forge: `"true"`. Other providers send a boolean. */
  readonly emailVerified?: boolean | undefined
  /** Default `Ada Lovelace`. */
  readonly name?: string | undefined
  /** Default `Ada`. */
  readonly givenName?: string | undefined
  /** Default `Lovelace`. */
  readonly familyName?: string | undefined
  /** The groups. Default none; Cognito then leaves the claim out. */
  readonly groups?: ReadonlyArray<string> | undefined
}

/** Every field with its default applied; `undefined` means "not in the tokens". */
export type SettledUser = { readonly [Field in keyof ForgedUser]-?: ForgedUser[Field] | undefined }

export const settleUser = (user: ForgedUser): SettledUser => {
  const sub = "sub" in user ? user.sub : randomUUID()
  return {
    sub,
    username: "username" in user ? user.username : sub,
    email: "email" in user ? user.email : "ada@example.com",
    emailVerified: "emailVerified" in user ? user.emailVerified : true,
    name: "name" in user ? user.name : "Ada Lovelace",
    givenName: "givenName" in user ? user.givenName : "Ada",
    familyName: "familyName" in user ? user.familyName : "Lovelace",
    groups: "groups" in user ? user.groups : []
  }
}
