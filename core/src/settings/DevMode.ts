/**
 * Dev mode: a mock user for requests that carry no sign-in at all, on a developer's machine. The local ALB is the better
 * way: behind it, the app runs its production path.
 *
 * @module
 */
// biome-ignore lint/style/noRestrictedImports: the mock user of dev mode is read from a file.
import { readFileSync } from "node:fs"
import type { AddFault } from "../errors/ConfigurationError.ts"
import { codeOf, unreadable } from "../errors/codeOf.ts"
import { documentFields, unknownNames } from "../errors/unknownNames.ts"
import { type DevUser, type GivenDevUser, toDevUser } from "../user/DevUser.ts"
import { type OptionReader, shown } from "./optionReader.ts"
import { type Environment, isYes, processEnvironment } from "./processEnvironment.ts"
import { variableRows } from "./SettingRows.ts"

/** Reads whether dev mode is on, and whom it lets in. */
export const readDevMode = (reader: OptionReader, environment: Environment, region: string, fault: AddFault): DevUser | undefined => {
  const path = reader.read("devConfig")
  if (!reader.isDevMode()) return undefined
  // The process's own too: an app that takes its settings from elsewhere is in production all the same.
  const sign = signOfProduction(environment) ?? signOfProduction(processEnvironment())
  if (sign !== undefined) {
    return fault(
      reader.name("devMode"),
      `cannot be on ${sign}: it lets requests in that nobody has signed in. It is for a developer's machine alone; unset it.`
    )
  }
  const file = path ?? variableRows.devConfig.default
  const issuer = `https://cognito-idp.${region}.amazonaws.com/mock-pool`
  try {
    return readDevUser(readFileSync(file, "utf8"), file, issuer, fault)
  } catch (cause) {
    if (path === undefined && codeOf(cause) === "ENOENT") return toDevUser({}, issuer)
    return fault(reader.name("devConfig"), `the file ${JSON.stringify(file)} ${unreadable(cause)}.`)
  }
}

/**
 * What tells that this is no developer's machine, in words; `undefined`: nothing. Only what is never set on one counts: AWS_REGION and
 * credentials are set on many.
 */
export const signOfProduction = (environment: Environment): string | undefined => {
  const read = (name: string): string => environment[name]?.trim() ?? ""
  const mode = read("NODE_ENV")
  if (["production", "prod"].includes(mode.toLowerCase())) return `with NODE_ENV=${mode}`
  // AWS Lambda guide, "Defined runtime environment variables". SAM sets the same on a laptop, and says so.
  if (read("AWS_LAMBDA_FUNCTION_NAME") !== "" && !isYes(read("AWS_SAM_LOCAL"))) {
    return "in a Lambda function (AWS_LAMBDA_FUNCTION_NAME is set)"
  }
  // Amazon ECS guide, "Task metadata endpoint": set in every container, by agent and platform in one version or another.
  const metadata = Object.keys(environment).find((name) => name.startsWith("ECS_CONTAINER_METADATA_URI") && read(name) !== "")
  if (metadata !== undefined) return `in an ECS task (${metadata} is set)`
  const execution = read("AWS_EXECUTION_ENV")
  return execution.startsWith("AWS_ECS_") ? `in an ECS task (AWS_EXECUTION_ENV is ${shown(execution)})` : undefined
}

const kinds = {
  email: "a string",
  sub: "a string that is not empty",
  username: "a string",
  groups: "a list of strings",
  email_verified: "true or false",
  name: "a string",
  given_name: "a string",
  family_name: "a string"
} as const

type Field = keyof typeof kinds

const isField = (name: string): name is Field => Object.hasOwn(kinds, name)

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
  for (const [field, value] of documentFields(given)) {
    if (isField(field) && !isOfKind(field, value)) fault(`${where}, ${field}`, `expected ${kinds[field]}.`)
    for (const { problem } of unknownNames([field], Object.keys(kinds))) fault(`${where}, ${field}`, problem)
  }
  return toDevUser(given as GivenDevUser, issuer)
}
