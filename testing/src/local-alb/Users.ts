/**
 * The users who can sign in, in code and as a file.
 *
 * @module
 */
import { createHash } from "node:crypto"
import { ConfigurationError } from "@cognito-auth/core"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import type { ForgedUser } from "../forge/ForgedUser.ts"

/** A user of the pool, with the names that core's `User` has. Only the e-mail is needed. */
export interface LocalUser extends ForgedUser {
  readonly email: string
  /** Further claims of the userinfo, which the load balancer copies into its token; they win over the fields. `null` says as little as none. */
  readonly claims?: Readonly<Record<string, unknown>> | undefined
}

/** The default users of a local ALB. */
export const defaultUsers: ReadonlyArray<LocalUser> = [
  { email: "ada@example.com", name: "Ada Lovelace", groups: ["admins", "staff"] },
  { email: "grace@example.com", name: "Grace Hopper", groups: ["staff"] },
  { email: "alan@example.com", name: "Alan Turing", groups: [] }
]

/** Cognito API, `CreateGroup`: letters, marks, symbols, digits and punctuation. */
export const groupPattern = /^[\p{L}\p{M}\p{S}\p{N}\p{P}]{1,128}$/u
export const emailPattern = /^[^\s@]+@[^\s@]+$/

const text = Schema.String.check(Schema.isNonEmpty({ expected: "a non-empty string" }))
const group = Schema.String.check(Schema.isPattern(groupPattern, { expected: "a group's name, without spaces" }))
const email = Schema.String.check(Schema.isPattern(emailPattern, { expected: "an e-mail address" }))

/** The fields of `dev-mock-user.json`. */
const UserFields = Schema.Struct({
  email,
  name: Schema.optionalKey(text),
  groups: Schema.optionalKey(Schema.Array(group)),
  sub: Schema.optionalKey(text),
  username: Schema.optionalKey(text),
  email_verified: Schema.optionalKey(Schema.Boolean),
  given_name: Schema.optionalKey(text),
  family_name: Schema.optionalKey(text),
  claims: Schema.optionalKey(Schema.Record(Schema.String, Schema.Unknown))
})
const fields = Object.keys(UserFields.fields)
const UserFile = Schema.Array(UserFields).check(Schema.isNonEmpty({ expected: "at least one user" }))

const decode = Schema.decodeUnknownResult(UserFile, { errors: "all", onExcessProperty: "error" })
const issuesOf = SchemaIssue.makeFormatterStandardSchemaV1()

/**
 * Reads the content of a `users.json`: `[{ "email": "ada@example.com", "name": "Ada Lovelace", "groups": ["admins"] }]`.
 *
 * Throws `ConfigurationError` with every fault. `where` names the file.
 */
export const readUsers = (json: string, where = "users.json"): ReadonlyArray<LocalUser> => {
  let given: unknown
  try {
    given = JSON.parse(json)
  } catch {
    throw ConfigurationError.of([{ setting: where, problem: "is not JSON." }])
  }
  const decoded = decode(given)
  if (Result.isFailure(decoded)) {
    throw ConfigurationError.of(
      issuesOf(decoded.failure.issue).issues.map(({ path = [], message }) => ({
        setting: [
          where,
          ...path.map((key, depth) => (typeof key === "number" ? `${depth === 0 ? "user" : "entry"} ${key + 1}` : String(key)))
        ].join(", "),
        problem: message === "Expected no excess property" ? `There is no such field. Known fields: ${fields.join(", ")}.` : `${message}.`
      }))
    )
  }
  const users = decoded.success.map(
    ({ email_verified: emailVerified, given_name: givenName, family_name: familyName, ...user }): LocalUser => ({
      ...user,
      ...(emailVerified === undefined ? {} : { emailVerified }),
      ...(givenName === undefined ? {} : { givenName }),
      ...(familyName === undefined ? {} : { familyName })
    })
  )
  const twice = users.find((user, i) => users.findIndex((other) => keyOf(other.email) === keyOf(user.email)) < i)
  if (twice !== undefined) throw ConfigurationError.of([{ setting: where, problem: `${twice.email} is listed twice.` }])
  return users
}

/** The key by which a pool identifies its users. */
export const keyOf = (email: string): string => email.toLowerCase()

/** The claims of a user: unknown ones are not in the tokens. The `sub` is the same after each sign-in and each start. */
export const completeUser = (user: LocalUser): LocalUser => {
  // The claims win, and every header is to name one user.
  const claimed = user.claims?.["sub"]
  const sub = typeof claimed === "string" ? claimed : (user.sub ?? subOf(user.email))
  const [first, ...rest] = user.name?.split(" ") ?? []
  return {
    sub,
    username: user.username ?? sub,
    email: user.email,
    emailVerified: user.emailVerified ?? true,
    name: user.name,
    givenName: user.givenName ?? first,
    familyName: user.familyName ?? (rest.length === 0 ? undefined : rest.join(" ")),
    groups: user.groups ?? [],
    ...(user.claims === undefined ? {} : { claims: user.claims })
  }
}

/** A UUID derived from the e-mail (RFC 9562 §5.8). */
const subOf = (email: string): string => {
  const hex = createHash("sha256").update(keyOf(email)).digest("hex")
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
