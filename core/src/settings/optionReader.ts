/** Reads one setting at a time, from the options or else from its variable, and notes a fault for what is wrong with it. */
import * as Duration from "effect/Duration"
import type { AddFault, Fault } from "../errors/ConfigurationError.ts"
import { didYouMean } from "../errors/didYouMean.ts"
import { checkName, problemOf, readEntries } from "../policy/readEntries.ts"
import { isHttpsUrl } from "../remote/httpsUrl.ts"
import { type Environment, readFlag, splitList } from "./environment.ts"
import type { KeyOptions, Options, TokenCacheOptions } from "./Options.ts"
import type { Preset } from "./Preset.ts"

/** Every setting that has a variable: the option, and the variable's name. */
const variables = {
  region: "COGNITO_AUTH_REGION",
  userPoolId: "COGNITO_AUTH_USER_POOL_ID",
  clientId: "COGNITO_AUTH_CLIENT_ID",
  albArn: "COGNITO_AUTH_ALB_ARN",
  albKeysUrl: "COGNITO_AUTH_ALB_KEYS_URL",
  issuer: "COGNITO_AUTH_ISSUER",
  jwksUrl: "COGNITO_AUTH_JWKS_URL",
  redirectUrl: "COGNITO_AUTH_REDIRECT_URL",
  platformAdminGroups: "COGNITO_AUTH_PLATFORM_ADMIN_GROUPS",
  devMode: "COGNITO_AUTH_DEV_MODE",
  devConfig: "COGNITO_AUTH_DEV_CONFIG"
} as const

/** The variables that stand for the option `policy`. */
export const policyVariables = {
  file: "COGNITO_AUTH_CONFIG_PATH",
  secret: "COGNITO_AUTH_SECRET_NAME",
  groups: "COGNITO_AUTH_ALLOWED_GROUPS",
  users: "COGNITO_AUTH_ALLOWED_USERS",
  anyUser: "COGNITO_AUTH_ALLOW_ANY_USER"
} as const

const prefix = "COGNITO_AUTH_"
const knownVariables: ReadonlyArray<string> = [...Object.values(variables), ...Object.values(policyVariables)]

/** Typed by `Options`, so that an option cannot be forgotten here. */
const knownOptions: Readonly<Record<keyof Options | "onRefusal", true>> = {
  region: true,
  userPoolId: true,
  clientId: true,
  albArn: true,
  albKeysUrl: true,
  issuer: true,
  jwksUrl: true,
  redirectUrl: true,
  refusalPage: true,
  policy: true,
  platformAdminGroups: true,
  requireVerifiedEmail: true,
  clockTolerance: true,
  keys: true,
  tokenCache: true,
  keySource: true,
  devMode: true,
  devConfig: true,
  preset: true,
  environment: true,
  onRefusal: true
}

const knownKeyOptions: Readonly<Record<keyof KeyOptions, true>> = {
  alb: true,
  jwks: true,
  preload: true,
  maxAge: true,
  staleIfError: true,
  timeout: true
}

const knownPresetOptions: Readonly<Record<keyof Preset, true>> = { preset: true, redirectUrl: true, platformAdminGroups: true }
const knownTokenCacheOptions: Readonly<Record<keyof TokenCacheOptions, true>> = { maxBytes: true, maxEntries: true }

type Variable = keyof typeof variables

interface Found {
  readonly value: unknown
  /** What to call it in a fault. */
  readonly setting: string
  readonly isVariable: boolean
}

export const makeOptionReader = (options: Options, environment: Environment, fault: AddFault) => {
  const name = (option: Variable) => `${option} (${variables[option]})`

  const preset = readPreset(options.preset, fault)

  /** The value in force: of the option, else of its variable, else of the preset. */
  const find = (option: Variable): Found => {
    const setting = name(option)
    const given = options[option]
    if (given !== undefined) return { value: given, setting, isVariable: false }
    const variable = environment[variables[option]]?.trim()
    if (variable !== undefined && variable !== "") return { value: variable, setting, isVariable: true }
    const ofPreset = option === "redirectUrl" || option === "platformAdminGroups" ? preset[option] : undefined
    return { value: ofPreset, setting: ofPreset === undefined ? setting : `preset.${option}`, isVariable: false }
  }
  const value = (option: Variable): unknown => find(option).value

  const text = (option: Variable): string | undefined => {
    const given = value(option)
    if (given === undefined) return undefined
    if (typeof given === "string" && given.trim() !== "") return given.trim()
    return fault(name(option), "expected a text.")
  }

  let devMode: boolean | undefined
  const isDevMode = (): boolean => {
    // The variable as it is: of a flag that opens a door, nothing is trimmed.
    const given: unknown = options.devMode ?? environment[variables.devMode]
    devMode ??= typeof given === "boolean" ? given : readFlag(name("devMode"), String(given ?? ""), fault)
    return devMode
  }

  const list = (option: Variable, meaning: string): ReadonlyArray<string> => {
    const given: unknown = options[option]
    const entries = given === undefined ? splitList(environment[variables[option]] ?? "") : toEntries(given)
    if (!Array.isArray(entries)) {
      fault(name(option), `expected a string, or a list of strings: ${meaning}.`)
      return []
    }
    if (entries.length === 0) {
      // In dev mode there may be nothing to verify with: then every token is refused, and the mock user is all there is.
      if (!isDevMode()) fault(name(option), `is missing. Give ${meaning}.`)
      return []
    }
    return entries.filter((entry: unknown, index): entry is string => {
      const problem = problemOf(entry, checkName)
      if (problem !== undefined) fault(name(option), `entry ${index + 1} ${problem}.`)
      return problem === undefined
    })
  }

  const keyUrl = (option: "albKeysUrl" | "issuer" | "jwksUrl"): string | undefined => {
    const given = text(option)
    if (given === undefined) return undefined
    if (!isHttpsUrl(given)) {
      return fault(name(option), "expected an https URL (http is for loopback hosts alone), without a user, a query or a fragment.")
    }
    // An issuer is compared letter by letter, so it stays as it was written.
    return option === "albKeysUrl" ? given.replace(/\/+$/, "") : given
  }

  const redirectUrl = (): string | undefined => {
    const { value, setting } = find("redirectUrl")
    if (value === undefined || value === false) return undefined
    const url = typeof value === "string" ? value.trim() : ""
    if (isRedirectUrl(url)) return url
    return fault(setting, "expected an https URL (http is for loopback hosts alone), or a path of this app, as /signed-out.")
  }

  /** Names of groups. Only of the variable is there a comma list: a group's name may hold a comma. */
  const groups = (option: "platformAdminGroups"): ReadonlyArray<string> => {
    const { value, setting, isVariable } = find(option)
    if (value === undefined) return []
    const faults: Array<Fault> = []
    const entries = readEntries(isVariable ? splitList(String(value)) : value, setting, checkName, faults)
    for (const { setting, problem } of faults) fault(setting, problem)
    return entries
  }

  /** A name that nobody reads is a setting that does not hold: a slip of the pen must not open a door. */
  const refuseUnknown = () => {
    const refuse = (given: object, known: object, prefix: string) => {
      for (const option of Object.keys(given)) {
        if (!Object.hasOwn(known, option)) fault(prefix + option, `is no option.${didYouMean(option, Object.keys(known))}`)
      }
    }
    refuse(options, knownOptions, "")
    refuse(options.keys ?? {}, knownKeyOptions, "keys.")
    refuse(options.tokenCache || {}, knownTokenCacheOptions, "tokenCache.")
    refuse(preset, knownPresetOptions, "preset.")
    for (const variable of Object.keys(environment)) {
      if (!variable.startsWith(prefix) || knownVariables.includes(variable)) continue
      fault(variable, `is no variable of cognito-auth.${didYouMean(variable, knownVariables, prefix)}`)
    }
  }

  const duration = (setting: string, given: unknown, byDefault: number, max: number): number => {
    if (given === undefined) return byDefault
    const isText = typeof given === "string" || Duration.isDuration(given)
    const read = isText ? Duration.fromInput(given as Duration.Input) : undefined
    const millis = read?._tag === "Some" ? Duration.toMillis(read.value) : Number.NaN
    if (millis >= 0 && millis <= max) return millis
    fault(setting, `expected a length of time with its unit, as "5 seconds", of at most ${max / 1000} seconds.`)
    return byDefault
  }

  return { name, text, list, groups, keyUrl, redirectUrl, isDevMode, duration, refuseUnknown }
}

const readPreset = (given: unknown, fault: AddFault): Partial<Preset> => {
  if (given === undefined) return {}
  if (typeof given === "object" && given !== null && "preset" in given) return given as Partial<Preset>
  fault(
    "preset",
    "expected a preset, as in { preset: gdsIdea }. It cannot be spread into the options, where it would win over the environment."
  )
  return {}
}

export type OptionReader = ReturnType<typeof makeOptionReader>

/** An option in code is exact: nothing of it is trimmed. */
const toEntries = (given: unknown): unknown => {
  if (typeof given !== "string") return given
  return splitList(given).length === 0 ? [] : given.split(",")
}

const isRedirectUrl = (value: string): boolean =>
  // A second slash would make it another host's URL; a backslash too, to a browser.
  /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(value) || isHttpsUrl(value, { allowQuery: true })

/** A configured value in a fault: short, and on one line. */
export const shown = (value: string): string => JSON.stringify(value.length > 120 ? `${value.slice(0, 120)}…` : value)
