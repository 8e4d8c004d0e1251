/** The settings as flags: each flag stands for a variable, and wins over it; and a fault of a setting names the flag. */
import { parseEnv } from "node:util"
import type { Fault } from "@cognito-auth/core"
import type { Command } from "commander"
import { readTextFile } from "./inputFiles.ts"

interface Flag {
  readonly flag: string
  readonly variable: string
  readonly help: string
}

const flags: ReadonlyArray<Flag> = [
  { flag: "--region <region>", variable: "COGNITO_AUTH_REGION", help: "region of the load balancer" },
  { flag: "--user-pool-id <ids>", variable: "COGNITO_AUTH_USER_POOL_ID", help: "user pools" },
  { flag: "--client-id <ids>", variable: "COGNITO_AUTH_CLIENT_ID", help: "app clients" },
  { flag: "--alb-arn <arns>", variable: "COGNITO_AUTH_ALB_ARN", help: "load balancers" },
  { flag: "--alb-keys-url <url>", variable: "COGNITO_AUTH_ALB_KEYS_URL", help: "base URL of the load balancers' keys" },
  { flag: "--issuer <url>", variable: "COGNITO_AUTH_ISSUER", help: "issuer instead of the pool's" },
  { flag: "--jwks-url <url>", variable: "COGNITO_AUTH_JWKS_URL", help: "the pool's key set" },
  {
    flag: "--platform-admin-groups <names>",
    variable: "COGNITO_AUTH_PLATFORM_ADMIN_GROUPS",
    help: "groups whose members administrate every app"
  }
]

/** Whichever of them is given replaces every one of the environment: they are one setting, the policy. */
const policyFlags: ReadonlyArray<Flag> = [
  { flag: "--config-path <file>", variable: "COGNITO_AUTH_CONFIG_PATH", help: "policy file" },
  { flag: "--secret-name <name>", variable: "COGNITO_AUTH_SECRET_NAME", help: "policy in AWS Secrets Manager" },
  { flag: "--allowed-groups <names>", variable: "COGNITO_AUTH_ALLOWED_GROUPS", help: "policy: these groups" },
  { flag: "--allowed-users <emails>", variable: "COGNITO_AUTH_ALLOWED_USERS", help: "policy: these users" },
  { flag: "--allow-any-user", variable: "COGNITO_AUTH_ALLOW_ANY_USER", help: "policy: every authenticated user" }
]

/** What each is typed as: `--region`. */
export const settingFlags: ReadonlyArray<string> = [...flags, ...policyFlags].map(({ flag }) => flag.replace(/ .*$/, ""))

export const policyVariables: ReadonlyArray<string> = policyFlags.map(({ variable }) => variable)

/** What commander makes of the flags. */
export type FlagValues = Readonly<Record<string, string | boolean | undefined>>

/** Adds the flags of all settings to a command. */
export const addSettingFlags = (command: Command): void => {
  command.optionsGroup("Settings:")
  for (const { flag, variable, help } of [...flags, ...policyFlags]) command.option(flag, `${help} (${variable})`)
  // Not --env-file: Node takes that for its own, wherever it stands.
  command.option("--dotenv <file>", "read variables from this file too; the process's own win")
}

/** The variables of the settings that were given as flags. */
const variablesOf = (values: FlagValues): ReadonlyMap<string, string> => {
  const given = new Map<string, string>()
  for (const { flag, variable } of [...flags, ...policyFlags]) {
    const value = values[toOptionName(flag.replace(/ .*$/, ""))]
    if (value !== undefined) given.set(variable, String(value))
  }
  return given
}

export type Variables = Readonly<Record<string, string | undefined>>

/** Flags, a file of variables and the process's own → the environment that the app would see. */
export const readEnvironment = async (values: FlagValues): Promise<Variables> => {
  const { dotenv } = values
  const fromFile = typeof dotenv === "string" ? parseEnv(await readTextFile(dotenv, "--dotenv")) : {}
  // As with `node --env-file`: what the process has already wins over the file.
  const environment: Record<string, string | undefined> = { ...fromFile, ...process.env }
  const given = variablesOf(values)
  if (policyVariables.some((variable) => given.has(variable))) for (const variable of policyVariables) delete environment[variable]
  for (const [variable, value] of given) environment[variable] = value
  return environment
}

/**
 * The faults with every option of the command's named as its help does: a fault names an option as code does, `keysPort`, and whoever typed
 * a command is told of `--keys-port`. `flags` are the long ones.
 */
export const asTyped = (faults: ReadonlyArray<Fault>, flags: ReadonlyArray<string>): ReadonlyArray<Fault> =>
  faults.map(({ setting, problem }) => ({
    // A variable may follow the name: `userPoolId (COGNITO_AUTH_USER_POOL_ID)`. Of what may be repeated, code has a list: `rules`.
    setting: setting.replace(
      /^\w+(?=$| \()/,
      (name) => flags.find((flag) => name === toOptionName(flag) || name === `${toOptionName(flag)}s`) ?? name
    ),
    problem
  }))

/** As commander and the settings name an option: `--alb-keys-url` is `albKeysUrl`. */
const toOptionName = (flag: string): string => flag.replace(/^--/, "").replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
