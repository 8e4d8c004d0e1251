/** Reads a setting from its option, or else from its variable, as its row defines. Adds a fault for an invalid value. */
import * as Duration from "effect/Duration"
import type { AddFault } from "../errors/ConfigurationError.ts"
import { unknownNames } from "../errors/unknownNames.ts"
import { type CheckEntry, checkName, readEntries } from "../policy/readEntries.ts"
import { isHttpsUrl } from "../remote/httpsUrl.ts"
import { checkOrigin } from "./checkOrigin.ts"
import type { Options } from "./Options.ts"
import type { Preset } from "./Preset.ts"
import { type Environment, readFlag, splitList } from "./processEnvironment.ts"
import { readDuration } from "./readDuration.ts"
import { codeRows, type DurationRow, policyVariables, variableRows } from "./SettingRows.ts"

type Option = keyof typeof variableRows
type DurationOption = { [Row in keyof typeof codeRows]: (typeof codeRows)[Row] extends DurationRow ? Row : never }[keyof typeof codeRows]

/** The type of each kind of setting. */
interface Values {
  readonly string: string | undefined
  readonly strings: ReadonlyArray<string>
  readonly provider: "cognito" | "oidc" | undefined
  readonly groups: ReadonlyArray<string>
  readonly origins: ReadonlyArray<string>
  readonly httpsUrl: string | undefined
  readonly redirectUrl: string | undefined
  readonly flag: boolean
}

const variablePrefix = "COGNITO_AUTH_"
const knownVariables: ReadonlyArray<string> = [...Object.values(variableRows).map(({ variable }) => variable), ...policyVariables]
const presetOptions = ["preset", ...Object.entries(variableRows).flatMap(([option, row]) => ("inPreset" in row ? option : []))]

/** The names of the options, or of the options in the object `within`. The row `keys.maxAge` gives `keys`, or `maxAge` within `keys`. */
const knownOptions = (within?: "keys" | "tokenCache"): ReadonlyArray<string> => {
  const paths = [...Object.keys(variableRows), ...Object.keys(codeRows)].map((path) => path.split("."))
  const names = paths.flatMap(([first, second]) => (within === undefined ? first : first === within ? second : undefined) ?? [])
  return [...new Set(names)]
}

interface Found {
  readonly value: unknown
  /** Its name in a fault. */
  readonly setting: string
  readonly isVariable: boolean
}

type ValueOf<O extends Option> = Values[(typeof variableRows)[O]["kind"]]

export const makeOptionReader = (options: Options, environment: Environment, fault: AddFault) => {
  const name = (option: Option) => `${option} (${variableRows[option].variable})`

  const preset = readPreset(options.preset, fault)

  /** The value of the option, else of its variable, else of the preset. */
  const find = (option: Option): Found => {
    const setting = name(option)
    const given = options[option]
    if (given !== undefined) return { value: given, setting, isVariable: false }
    const variable = environment[variableRows[option].variable]?.trim()
    if (variable !== undefined && variable !== "") return { value: variable, setting, isVariable: true }
    const ofPreset = "inPreset" in variableRows[option] ? preset[option as keyof Preset] : undefined
    return { value: ofPreset, setting: ofPreset === undefined ? setting : `preset.${option}`, isVariable: false }
  }

  const string = (option: Option): string | undefined => {
    const given = find(option).value
    if (given === undefined) return undefined
    if (typeof given === "string" && given.trim() !== "") return given.trim()
    return fault(name(option), "expected a string.")
  }

  const flag = (option: Option): boolean => {
    // Not trimmed: an ambiguous value must not grant access.
    const given: unknown = options[option] ?? environment[variableRows[option].variable]
    return typeof given === "boolean" ? given : readFlag(name(option), String(given ?? ""), fault)
  }

  let devMode: boolean | undefined
  const isDevMode = (): boolean => {
    devMode ??= flag("devMode")
    return devMode
  }

  const strings = (option: Option): ReadonlyArray<string> => {
    const row = variableRows[option]
    const meaning = "required" in row ? row.required : row.meaning
    const given: unknown = options[option]
    const entries = given === undefined ? splitList(environment[row.variable] ?? "") : toEntries(given)
    if (!Array.isArray(entries)) {
      fault(name(option), `expected a string, or a list of strings: ${meaning}.`)
      return []
    }
    if (entries.length === 0) {
      // In dev mode these settings may be missing. Then every token is refused, and there is only the mock user.
      if ("required" in row && !isDevMode()) fault(name(option), `is missing. Give ${meaning}.`)
      return []
    }
    return readEntries(entries, name(option), checkName, fault)
  }

  const httpsUrl = (option: Option): string | undefined => {
    const given = string(option)
    if (given === undefined || isHttpsUrl(given)) return given
    return fault(name(option), "expected an https URL (http is allowed for loopback hosts only), without a user, a query or a fragment.")
  }

  const redirectUrl = (option: Option): string | undefined => {
    const { value, setting } = find(option)
    if (value === undefined || value === false) return undefined
    const url = typeof value === "string" ? value.trim() : ""
    if (isRedirectUrl(url)) return url
    return fault(setting, "expected an https URL (http is allowed for loopback hosts only), or a path of this app, such as /signed-out.")
  }

  /** Only the variable is comma-separated: in code, a group's name may contain a comma. */
  const list =
    (check: CheckEntry) =>
    (option: Option): ReadonlyArray<string> => {
      const { value, setting, isVariable } = find(option)
      if (value === undefined) return []
      return readEntries(isVariable ? splitList(String(value)) : value, setting, check, fault)
    }

  const provider = (option: Option): Values["provider"] => {
    const { value, isVariable } = find(option)
    const tag = isVariable || value === undefined ? (value ?? "cognito") : Object(value)._tag
    if (tag === "cognito" || tag === "oidc") return tag
    const expected = isVariable
      ? "cognito or oidc, which is any OpenID provider"
      : "Provider.cognito, or Provider.oidc({ issuer, clientId })"
    return fault(name(option), `expected ${expected}.`)
  }

  /** Whether an option or a variable gives it, whatever it is worth; a preset does not count. */
  const isGiven = (option: Option): boolean =>
    options[option] !== undefined || (environment[variableRows[option].variable] ?? "").trim() !== ""

  const byKind: { readonly [Kind in keyof Values]: (option: Option) => Values[Kind] } = {
    string,
    strings,
    provider,
    groups: list(checkName),
    origins: list(checkOrigin),
    httpsUrl,
    redirectUrl,
    flag
  }
  /** Reads a setting as its row defines. An invalid value is a fault, and counts as absent. */
  const read = <O extends Option>(option: O): ValueOf<O> => byKind[variableRows[option].kind](option) as ValueOf<O>

  const refuseUnknown = () => {
    const refuse = (given: object, known: ReadonlyArray<string>, prefix: string) => {
      for (const { name, problem } of unknownNames(Object.keys(given), known, "is not an option")) fault(prefix + name, problem)
    }
    refuse(options, knownOptions(), "")
    refuse(options.keys ?? {}, knownOptions("keys"), "keys.")
    refuse(options.tokenCache || {}, knownOptions("tokenCache"), "tokenCache.")
    refuse(preset, presetOptions, "preset.")
    const variables = Object.keys(environment).filter((variable) => variable.startsWith(variablePrefix))
    for (const { name, problem } of unknownNames(variables, knownVariables, "is not a variable of cognito-auth", variablePrefix))
      fault(name, problem)
  }

  /** In milliseconds. */
  const duration = (option: DurationOption): number => {
    const row = codeRows[option]
    const byDefault = Duration.toMillis(row.default)
    const given = valueAt(options, option)
    if (given === undefined) return byDefault
    return readDuration(option, given, fault, { mayBeZero: true, maxMillis: Duration.toMillis(row.max) }) ?? byDefault
  }

  return { name, read, isGiven, isDevMode, duration, refuseUnknown }
}

const readPreset = (given: unknown, fault: AddFault): Partial<Preset> => {
  if (given === undefined) return {}
  if (typeof given === "object" && given !== null && "preset" in given) return given as Partial<Preset>
  fault("preset", "expected a preset, such as { preset: gdsIdea }. Do not spread it into the options: it would win over the environment.")
  return {}
}

export type OptionReader = ReturnType<typeof makeOptionReader>

/** The value at a path such as `keys.maxAge`. */
const valueAt = (options: Options, path: string): unknown =>
  path
    .split(".")
    .reduce<unknown>((within, name) => (typeof within === "object" && within !== null ? Reflect.get(within, name) : undefined), options)

/** The entries of an option in code, which is exact: nothing is trimmed. */
const toEntries = (given: unknown): unknown => {
  if (typeof given !== "string") return given
  return splitList(given).length === 0 ? [] : given.split(",")
}

const isRedirectUrl = (value: string): boolean =>
  // A second slash would make it a URL of another host; browsers treat a backslash as a slash.
  /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(value) || isHttpsUrl(value, { allowQuery: true })

/** A configured value for a fault: shortened, and on one line. */
export const shown = (value: string): string => JSON.stringify(value.length > 120 ? `${value.slice(0, 120)}…` : value)
