/** The settings' flags: each stands for a variable, and wins over it. */
import type { Command } from "commander"
import { toOptionName } from "./asTyped.ts"

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
export const variablesOf = (values: FlagValues): ReadonlyMap<string, string> => {
  const given = new Map<string, string>()
  for (const { flag, variable } of [...flags, ...policyFlags]) {
    const value = values[toOptionName(flag.replace(/ .*$/, ""))]
    if (value !== undefined) given.set(variable, String(value))
  }
  return given
}
