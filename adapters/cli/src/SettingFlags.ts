/**
 * The settings as flags, made of core's rows: each flag stands for a variable, and wins over it; and a fault of a setting names the flag.
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

/** A setting's flag is named as its variable is: `--alb-arn` for `COGNITO_AUTH_ALB_ARN`. */
const toFlag = ({ variable, placeholder, meaning }: VariableRow): Flag => {
  const name = `--${variable
    .replace(/^COGNITO_AUTH_/, "")
    .replaceAll("_", "-")
    .toLowerCase()}`
  return { flag: placeholder === undefined ? name : `${name} ${placeholder}`, variable, help: `${meaning} (${variable})` }
}

const { redirectUrl, devMode: _devMode, devConfig: _devConfig, ...shared } = variableRows

/** Not dev mode: that is the app's alone. */
const flags: ReadonlyArray<Flag> = [...Object.values(shared), ...Object.values(policyRows)].map(toFlag)

/** The gateway's own: the other commands redirect nobody. */
export const redirectUrlFlag = toFlag(redirectUrl)

/** What each is typed as: `--region`. */
export const settingFlags: ReadonlyArray<string> = flags.map(({ flag }) => flag.replace(/ .*$/, ""))

/** What commander makes of the flags. */
export type FlagValues = Readonly<Record<string, string | boolean | undefined>>

/** Adds the flags of all settings to a command. */
export const addSettingFlags = (command: Command): void => {
  command.optionsGroup("Settings:")
  for (const { flag, help } of flags) command.option(flag, help)
  // Not --env-file: Node takes that for its own, wherever it stands.
  command.option("--dotenv <file>", "read variables from this file too; the process's own win")
}

/** The variables of the settings that were given as flags. */
const variablesOf = (values: FlagValues): ReadonlyMap<string, string> => {
  const given = new Map<string, string>()
  for (const { flag, variable } of flags) {
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
  // Whichever of them is given replaces every one of the environment: they are one setting, the policy.
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
    setting: setting.replace(/^[\w.]+(?=$| \()/, (name) => {
      // What code has within an object, a command has as one name: `crossOrigin.allow`.
      const option = name.replace(/\.(\w)/, (_, letter: string) => letter.toUpperCase())
      return flags.find((flag) => option === toOptionName(flag) || option === `${toOptionName(flag)}s`) ?? name
    }),
    problem
  }))

/** As commander and the settings name an option: `--alb-keys-url` is `albKeysUrl`. */
const toOptionName = (flag: string): string => flag.replace(/^--/, "").replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
