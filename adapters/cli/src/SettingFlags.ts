/**
 * The settings as flags, generated from core's rows. Each flag sets a variable, and wins over it. Faults name the flag.
 */
import { parseEnv } from "node:util"
import type { Fault } from "@cognito-auth/core"
import { policyRows, policyVariables, type VariableRow, variableRows } from "@cognito-auth/core/SettingRows"
import type { Command } from "commander"
import { readTextFile } from "./inputFiles.ts"

interface Flag {
  /** As commander defines it: `--region <region>`. */
  readonly flag: string
  readonly variable: string
  readonly help: string
}

/** A flag has the name of its variable: `--alb-arn` for `COGNITO_AUTH_ALB_ARN`. */
const toFlag = ({ variable, placeholder, meaning }: VariableRow): Flag => {
  const name = `--${variable
    .replace(/^COGNITO_AUTH_/, "")
    .replaceAll("_", "-")
    .toLowerCase()}`
  return { flag: placeholder === undefined ? name : `${name} ${placeholder}`, variable, help: `${meaning} (${variable})` }
}

const { redirectUrl, devMode: _devMode, devConfig: _devConfig, ...shared } = variableRows

/** Without dev mode, which is only for the app. */
const flags: ReadonlyArray<Flag> = [...Object.values(shared), ...Object.values(policyRows)].map(toFlag)

/** Only for the gateway: the other commands do not redirect. */
export const redirectUrlFlag = toFlag(redirectUrl)

/** The names of the flags: `--region`. */
export const settingFlags: ReadonlyArray<string> = flags.map(({ flag }) => flag.replace(/ .*$/, ""))

/** The flags' values, as commander returns them. */
export type FlagValues = Readonly<Record<string, string | boolean | undefined>>

/** Adds the flags of all settings to a command. */
export const addSettingFlags = (command: Command): void => {
  command.optionsGroup("Settings:")
  for (const { flag, help } of flags) command.option(flag, help)
  // Not --env-file: Node interprets that flag itself, at any position.
  command.option("--dotenv <file>", "read variables from this file too; those of the process win over them")
}

/** The variables that are set by flags. */
const variablesOf = (values: FlagValues): ReadonlyMap<string, string> => {
  const given = new Map<string, string>()
  for (const { flag, variable } of flags) {
    const value = values[toOptionName(flag.replace(/ .*$/, ""))]
    if (value !== undefined) given.set(variable, String(value))
  }
  return given
}

export type Variables = Readonly<Record<string, string | undefined>>

/** Flags, a file of variables and the process's environment → the environment for the settings. */
export const readEnvironment = async (values: FlagValues): Promise<Variables> => {
  const { dotenv } = values
  const fromFile = typeof dotenv === "string" ? parseEnv(await readTextFile(dotenv, "--dotenv")) : {}
  // As with `node --env-file`: the process's variables win over the file.
  const environment: Record<string, string | undefined> = { ...fromFile, ...process.env }
  const given = variablesOf(values)
  // These variables are one setting, the policy: a flag for one of them replaces all of them.
  if (policyVariables.some((variable) => given.has(variable))) for (const variable of policyVariables) delete environment[variable]
  for (const [variable, value] of given) environment[variable] = value
  return environment
}

/**
 * The faults with the names of flags. A fault names an option as in code, `keysPort`; on the command line it is `--keys-port`.
 * `flags` are the long flags of the command.
 */
export const asTyped = (faults: ReadonlyArray<Fault>, flags: ReadonlyArray<string>): ReadonlyArray<Fault> =>
  faults.map(({ setting, problem }) => ({
    // The variable may follow the name: `userPoolId (COGNITO_AUTH_USER_POOL_ID)`. A flag that may be repeated is a list in code: `rules`.
    setting: setting.replace(/^[\w.]+(?=$| \()/, (name) => {
      // An option within an object has one name on the command line: `crossOrigin.allow`.
      const option = name.replace(/\.(\w)/, (_, letter: string) => letter.toUpperCase())
      return flags.find((flag) => option === toOptionName(flag) || option === `${toOptionName(flag)}s`) ?? name
    }),
    problem
  }))

/** The name of a flag in commander and the settings: `--alb-keys-url` is `albKeysUrl`. */
const toOptionName = (flag: string): string => flag.replace(/^--/, "").replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
