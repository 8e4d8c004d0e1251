/** Flags, a file of variables and the process's own → the environment that the app would see. */
import { parseEnv } from "node:util"
import { readTextFile } from "../readTextFile.ts"
import { type FlagValues, policyVariables, variablesOf } from "./SettingFlags.ts"

export type Variables = Readonly<Record<string, string | undefined>>

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
