/**
 * Dev mode: a mock user for requests without sign-in headers, on a developer's machine. Prefer the local ALB: behind it, the app
 * runs its production code path.
 *
 * @module
 */
// biome-ignore lint/style/noRestrictedImports: the mock user of dev mode is read from a file.
import { readFileSync } from "node:fs"
import type { AddFault } from "../errors/ConfigurationError.ts"
import { codeOf, unreadable } from "../errors/codeOf.ts"
import { documentFields, unknownNames } from "../errors/unknownNames.ts"
import { type DevUser, type GivenDevUser, mockIssuer, toDevUser } from "../user/DevUser.ts"
import { type OptionReader, shown } from "./optionReader.ts"
import { type Environment, isYes, processEnvironment } from "./processEnvironment.ts"
import { variableRows } from "./SettingRows.ts"

/** Reads whether dev mode is on, and its mock user. */
export const readDevMode = (reader: OptionReader, environment: Environment, region: string, fault: AddFault): DevUser | undefined => {
  const path = reader.read("devConfig")
  if (!reader.isDevMode()) return undefined
  // The process's environment too: an app may read its settings from elsewhere, and still run in production.
  const sign = signOfProduction(environment) ?? signOfProduction(processEnvironment())
  if (sign !== undefined) {
    return fault(
      reader.name("devMode"),
      `cannot be on ${sign}: it admits requests without a sign-in. It is only for a developer's machine; unset it.`
    )
  }
  const file = path ?? variableRows.devConfig.default
  const issuer = mockIssuer(region)
  try {
    return readDevUser(readFileSync(file, "utf8"), file, issuer, fault)
  } catch (cause) {
    if (path === undefined && codeOf(cause) === "ENOENT") return toDevUser({}, issuer)
    return fault(reader.name("devConfig"), `the file ${JSON.stringify(file)} ${unreadable(cause)}.`)
  }
}

/**
 * Evidence that this is not a developer's machine, as part of a sentence; `undefined`: none. It checks only variables that are
 * never set on such a machine: AWS_REGION and credentials often are.
 */
export const signOfProduction = (environment: Environment): string | undefined => {
  const read = (name: string): string => environment[name]?.trim() ?? ""
  const mode = read("NODE_ENV")
  if (["production", "prod"].includes(mode.toLowerCase())) return `with NODE_ENV=${mode}`
  // AWS Lambda guide, "Defined runtime environment variables". SAM sets the same variable on a laptop, and AWS_SAM_LOCAL too.
  if (read("AWS_LAMBDA_FUNCTION_NAME") !== "" && !isYes(read("AWS_SAM_LOCAL"))) {
    return "in a Lambda function (AWS_LAMBDA_FUNCTION_NAME is set)"
  }
  // Amazon ECS guide, "Task metadata endpoint": set in every container; the suffix depends on the version.
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
} as const satisfies { readonly [Field in keyof GivenDevUser]-?: string }

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
