/**
 * Dev mode: a mock user for requests that carry no sign-in at all, on a developer's machine. The local ALB is the better
 * way: behind it, the app runs its production path.
 *
 * @module
 */
import { readFileSync } from "node:fs"
import { didYouMean } from "./internal/didYouMean.ts"
import { processEnvironment } from "./internal/environment.ts"
import type { AddFault, OptionReader } from "./internal/optionReader.ts"
import type { Environment } from "./Options.ts"
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

/** What is given of it. */
export type GivenDevUser = { readonly [Field in keyof DevUser]?: DevUser[Field] | undefined }

const defaultPath = "./dev-mock-user.json"

/** Reads whether dev mode is on, and whom it lets in. */
export const readDevMode = (reader: OptionReader, environment: Environment, region: string, fault: AddFault): DevUser | undefined => {
  const path = reader.text("devConfig")
  if (!reader.isDevMode()) return undefined
  // The process's own too: an app that takes its settings from elsewhere is in production all the same.
  if ([environment, processEnvironment()].some((each) => each["NODE_ENV"] === "production")) {
    return fault(
      reader.name("devMode"),
      "cannot be on with NODE_ENV=production: it lets requests in that nobody has signed in. Unset one of them."
    )
  }
  const issuer = `https://cognito-idp.${region}.amazonaws.com/mock-pool`
  try {
    return readDevUser(readFileSync(path ?? defaultPath, "utf8"), path ?? defaultPath, issuer, fault)
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : "unknown error"
    if (path === undefined && code === "ENOENT") return toDevUser({}, issuer)
    return fault(reader.name("devConfig"), `the file ${JSON.stringify(path ?? defaultPath)} cannot be read (${code}).`)
  }
}

const kinds = {
  email: "a text",
  sub: "a text that is not empty",
  username: "a text",
  groups: "a list of texts",
  email_verified: "true or false",
  name: "a text",
  given_name: "a text",
  family_name: "a text"
} as const

type Field = keyof typeof kinds

const isOfKind = (field: Field, value: unknown): boolean => {
  if (field === "groups") return Array.isArray(value) && value.every((group) => typeof group === "string")
  if (field === "sub") return typeof value === "string" && value !== ""
  return field === "email_verified" ? typeof value === "boolean" : typeof value === "string"
}

const readDevUser = (text: string, path: string, issuer: string, fault: AddFault): DevUser | undefined => {
  const where = `devConfig, file ${JSON.stringify(path)}`
  let given: unknown
  try {
    given = JSON.parse(text)
  } catch {
    return fault(where, "is not JSON.")
  }
  if (typeof given !== "object" || given === null || Array.isArray(given)) return fault(where, "is not a JSON object.")
  for (const [field, value] of Object.entries(given)) {
    // The example file of the Python package explains itself in such fields.
    if (field.startsWith("_") || field === "$schema") continue
    if (!Object.hasOwn(kinds, field)) fault(`${where}, ${field}`, `is unknown.${didYouMean(field, Object.keys(kinds))}`)
    else if (!isOfKind(field as Field, value)) fault(`${where}, ${field}`, `expected ${kinds[field as Field]}.`)
  }
  return toDevUser(given as GivenDevUser, issuer)
}

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
      })
    },
    platformAdminGroups
  )
}

const bare = (claims: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => Object.assign(Object.create(null), claims)
