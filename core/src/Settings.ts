/**
 * Options and environment → validated settings, once, at start-up. Every fault is reported, not the first.
 *
 * @module
 */
import * as Duration from "effect/Duration"
import * as Result from "effect/Result"
import type { Fault } from "./ConfigurationError.ts"
import { defaultAlbKeysUrl, defaultIssuer, isKeyUrl, parseAlbArn, poolRegion } from "./internal/aws.ts"
import { type Jwk, readJwkSet, readPem, type VerificationKey } from "./Key.ts"
import type { KeySource } from "./KeySource.ts"
import { anyUser, type Policy, readLists } from "./Policy.ts"
import { PolicySource } from "./PolicySource.ts"
import { readPolicyFile } from "./PolicySourceFile.ts"
import { defaultPlatformAdminGroups } from "./User.ts"

/** A length of time with its unit: `"5 seconds"`, or a `Duration`. Bare numbers are refused: they do not tell their unit. */
export type DurationText = `${number} ${Duration.Unit}` | Duration.Duration

/** One text, or several. In the environment: separated by commas. */
export type OneOrMore = string | ReadonlyArray<string>

/** Environment variables, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>

/** How keys are fetched, kept and refreshed. */
export interface KeyOptions {
  /** ALB keys by kid, as PEM: for cold starts, and networks without a way out. Used without a fetch, for ever; a kid that is not among them is fetched. */
  readonly alb?: Readonly<Record<string, string>> | undefined
  /** The pool's JWK Set, likewise. */
  readonly jwks?: { readonly keys: ReadonlyArray<Jwk> } | undefined
  /** Fetch the JWK Sets at start-up rather than at the first request. Default `true`. A failure is no fault: the first request tries again. */
  readonly preload?: boolean | undefined
  /** For how long a key is used before it must be seen again at its endpoint. Default `"1 hour"`; refreshed in the background from half of it. */
  readonly maxAge?: DurationText | undefined
  /** For how long past `maxAge` a key is still used while its endpoint is down. Default `"12 hours"`. */
  readonly staleIfError?: DurationText | undefined
  /** The time limit of one fetch, from connecting to the last byte. Default `"3 seconds"`. */
  readonly timeout?: DurationText | undefined
}

/** All settings in code. What is not given is read from the environment; code wins. */
export interface Options {
  /** AWS region of the load balancer. Default: the one in `albArn`, else `eu-west-2`. (`COGNITO_AUTH_REGION`) */
  readonly region?: string | undefined
  /** Cognito user pools: `eu-west-2_AbC123xyz`. They pin the issuer. Required. (`COGNITO_AUTH_USER_POOL_ID`) */
  readonly userPoolId?: OneOrMore | undefined
  /** App clients of the pools. Required. (`COGNITO_AUTH_CLIENT_ID`) */
  readonly clientId?: OneOrMore | undefined
  /** ARNs of the load balancers: the only signers accepted. Required. (`COGNITO_AUTH_ALB_ARN`) */
  readonly albArn?: OneOrMore | undefined
  /** Base URL of the ALB's keys. Default: AWS's, by the ARN's partition and region. (`COGNITO_AUTH_ALB_KEYS_URL`) */
  readonly albKeysUrl?: string | undefined
  /** The issuer instead of the pool's, for emulators and private endpoints. (`COGNITO_AUTH_ISSUER`) */
  readonly issuer?: string | undefined
  /** The JWK Set's URL. Default `<issuer>/.well-known/jwks.json`. (`COGNITO_AUTH_JWKS_URL`) */
  readonly jwksUrl?: string | undefined
  /** Where a page load is sent that has no user, or one who is not allowed. Default `https://gds-idea.click/401.html`. (`COGNITO_AUTH_REDIRECT_URL`) */
  readonly redirectUrl?: string | undefined
  /** Who may come in. Required, here or as one of the `COGNITO_AUTH_…` variables. */
  readonly policy?: Policy | undefined
  /** Groups whose members are administrators of every app. Default `["gds-idea"]`. */
  readonly platformAdminGroups?: ReadonlyArray<string> | undefined
  /** Whether an e-mail admits only once the pool has verified it; for policies from the environment. Default `true`. */
  readonly requireVerifiedEmail?: boolean | undefined
  /** How far this machine's clock may differ from the signers'. Default `"5 seconds"`; at most 5 minutes. */
  readonly clockTolerance?: DurationText | undefined
  readonly keys?: KeyOptions | undefined
  /** Another source of keys than the two endpoints. */
  readonly keySource?: KeySource["Service"] | undefined
  /** Another source of the policy. It wins over `policy`. */
  readonly policySource?: PolicySource["Service"] | undefined
  /** Where variables are read from. Default `process.env`. */
  readonly environment?: Environment | undefined
}

/** What `Options` and the environment come to. */
export interface Settings {
  /** The only signers accepted, each with the base URL of its keys. */
  readonly signers: ReadonlyMap<string, string>
  /** The only issuers accepted, each with the URL of its JWK Set. */
  readonly issuers: ReadonlyMap<string, string>
  readonly clientIds: ReadonlySet<string>
  readonly region: string
  readonly redirectUrl: string
  readonly platformAdminGroups: ReadonlySet<string>
  readonly clockToleranceMillis: number
  readonly keys: {
    /** Given ALB keys, by kid. */
    readonly alb: ReadonlyMap<string, VerificationKey>
    /** Given pool keys, by kid. */
    readonly jwks: ReadonlyMap<string, VerificationKey>
    readonly preload: boolean
    readonly maxAgeMillis: number
    readonly staleIfErrorMillis: number
    readonly timeoutMillis: number
  }
  readonly keySource: KeySource["Service"] | undefined
  readonly policySource: PolicySource["Service"]
}

/** Every setting that has a variable: the option, and the variable's name. */
const variables = {
  region: "COGNITO_AUTH_REGION",
  userPoolId: "COGNITO_AUTH_USER_POOL_ID",
  clientId: "COGNITO_AUTH_CLIENT_ID",
  albArn: "COGNITO_AUTH_ALB_ARN",
  albKeysUrl: "COGNITO_AUTH_ALB_KEYS_URL",
  issuer: "COGNITO_AUTH_ISSUER",
  jwksUrl: "COGNITO_AUTH_JWKS_URL",
  redirectUrl: "COGNITO_AUTH_REDIRECT_URL"
} as const

/** Reads and validates everything. The failure holds every fault. */
export const readSettings = (options: Options, environment: Environment): Result.Result<Settings, ReadonlyArray<Fault>> => {
  if (typeof options !== "object" || options === null) return Result.fail([{ setting: "options", problem: "expected an object." }])
  const faults: Array<Fault> = []
  const fault = (setting: string, problem: string): undefined => {
    faults.push({ setting, problem })
    return undefined
  }
  const reader = readerOf(options, environment, fault)

  const givenRegion = reader.text("region")
  const pools = reader.list("userPoolId", "the Cognito user pool's id, as eu-west-2_AbC123xyz")
  const clients = reader.list("clientId", "the id of the app client in the load balancer's rule")
  const arns = reader.list(
    "albArn",
    "the ARN of the load balancer, as arn:aws:elasticloadbalancing:eu-west-2:123456789012:loadbalancer/app/my-alb/50dc6c495c0c9188"
  )
  const albKeysUrl = reader.keyUrl("albKeysUrl")
  const issuer = reader.keyUrl("issuer")
  const jwksUrl = reader.keyUrl("jwksUrl")

  const signers = new Map<string, string>()
  const regions = new Set<string>()
  for (const arn of arns) {
    const alb = parseAlbArn(arn)
    if (alb === undefined) {
      fault(
        reader.name("albArn"),
        `${shown(arn)} is not the ARN of an application load balancer: expected arn:aws:elasticloadbalancing:<region>:<account>:loadbalancer/app/<name>/<id>.`
      )
      continue
    }
    regions.add(alb.region)
    const keysUrl = albKeysUrl ?? defaultAlbKeysUrl(alb.partition, alb.region)
    if (keysUrl === undefined) fault(reader.name("albKeysUrl"), `is needed: AWS documents no key endpoint for ${alb.region}.`)
    else signers.set(arn, keysUrl)
  }
  if (givenRegion !== undefined && regions.size > 0 && !regions.has(givenRegion)) {
    fault(
      reader.name("region"),
      `${shown(givenRegion)} is not the region of albArn, which is ${[...regions].join(" and ")}. Leave it out, or correct the one that is wrong.`
    )
  }

  const issuers = new Map<string, string>()
  if (issuer !== undefined) issuers.set(issuer, jwksUrl ?? defaultJwksUrl(issuer))
  else {
    for (const pool of pools) {
      const region = poolRegion(pool)
      if (region === undefined) {
        fault(
          reader.name("userPoolId"),
          `${shown(pool)} is not a user pool's id: expected <region>_<letters and digits>, as eu-west-2_AbC123xyz. For an emulator, set issuer (COGNITO_AUTH_ISSUER) too.`
        )
        continue
      }
      const poolIssuer = defaultIssuer(region, pool)
      issuers.set(poolIssuer, jwksUrl ?? defaultJwksUrl(poolIssuer))
    }
    // With one set for two pools, the keys of one could sign for the other.
    if (jwksUrl !== undefined && pools.length > 1)
      fault(reader.name("jwksUrl"), "cannot serve several user pools: leave it out, or name one pool.")
  }

  const keys = options.keys ?? {}
  if (keys.jwks !== undefined && issuers.size > 1) fault("keys.jwks", "cannot serve several user pools: leave it out, or name one pool.")
  const settings: Settings = {
    signers,
    issuers,
    clientIds: new Set(clients),
    region: givenRegion ?? [...regions][0] ?? "eu-west-2",
    redirectUrl: reader.redirectUrl() ?? "https://gds-idea.click/401.html",
    platformAdminGroups: new Set(readGroups(options.platformAdminGroups, fault)),
    clockToleranceMillis: reader.duration("clockTolerance", options.clockTolerance, 5_000, 300_000),
    keys: {
      alb: readGivenPems(keys.alb, fault),
      jwks: readGivenJwks(keys.jwks, fault),
      preload: keys.preload ?? true,
      maxAgeMillis: reader.duration("keys.maxAge", keys.maxAge, 3_600_000, 86_400_000),
      staleIfErrorMillis: reader.duration("keys.staleIfError", keys.staleIfError, 43_200_000, 604_800_000),
      timeoutMillis: reader.duration("keys.timeout", keys.timeout, 3_000, 30_000)
    },
    keySource: options.keySource,
    policySource: options.policySource ?? PolicySource.memory(readPolicy(options, environment, fault))
  }
  return faults.length > 0 ? Result.fail(faults) : Result.succeed(settings)
}

type AddFault = (setting: string, problem: string) => undefined

const readerOf = (options: Options, environment: Environment, fault: AddFault) => {
  const name = (option: keyof typeof variables) => `${option} (${variables[option]})`

  const value = (option: keyof typeof variables): unknown => {
    const given = options[option]
    if (given !== undefined) return given
    const variable = environment[variables[option]]?.trim()
    return variable === "" ? undefined : variable
  }

  const text = (option: keyof typeof variables): string | undefined => {
    const given = value(option)
    if (given === undefined) return undefined
    if (typeof given === "string" && given.trim() !== "") return given.trim()
    return fault(name(option), "expected a text.")
  }

  const list = (option: keyof typeof variables, meaning: string): ReadonlyArray<string> => {
    const given = value(option)
    const entries =
      typeof given === "string"
        ? given
            .split(",")
            .map((entry) => entry.trim())
            .filter((entry) => entry !== "")
        : given
    if (entries === undefined || (Array.isArray(entries) && entries.length === 0)) {
      fault(name(option), `is missing. Give ${meaning}.`)
      return []
    }
    if (Array.isArray(entries) && entries.every((entry) => typeof entry === "string" && entry.trim() !== "")) {
      return entries.map((entry: string) => entry.trim())
    }
    fault(name(option), `expected a text, or a list of texts: ${meaning}.`)
    return []
  }

  const keyUrl = (option: "albKeysUrl" | "issuer" | "jwksUrl"): string | undefined => {
    const given = text(option)
    if (given === undefined) return undefined
    if (!isKeyUrl(given)) {
      return fault(name(option), "expected an https URL (http is for loopback hosts alone), without a user, a query or a fragment.")
    }
    // An issuer is compared letter by letter, so it stays as it was written.
    return option === "albKeysUrl" ? given.replace(/\/+$/, "") : given
  }

  const redirectUrl = (): string | undefined => {
    const given = text("redirectUrl")
    if (given === undefined || isRedirectUrl(given)) return given
    return fault(name("redirectUrl"), "expected an https URL (http is for loopback hosts alone), or a path of this app, as /signed-out.")
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

  return { name, text, list, keyUrl, redirectUrl, duration }
}

/** The first of code, file and lists that is given. */
const readPolicy = (options: Options, environment: Environment, fault: AddFault): Policy => {
  const requireVerifiedEmail = options.requireVerifiedEmail ?? true
  if (typeof requireVerifiedEmail !== "boolean") fault("requireVerifiedEmail", "expected true or false.")
  if (options.policy !== undefined) {
    if (typeof options.policy?.evaluate === "function") return options.policy
    fault("policy", 'is no policy. Write Policy.fromLists({ allowedGroups: ["staff"] }), or Policy.anyUser for every authenticated user.')
    return nobody
  }
  const variable = "COGNITO_AUTH_CONFIG_PATH"
  const path = environment[variable]?.trim()
  const policy = path
    ? readPolicyFile(variable, path, { requireVerifiedEmail })
    : readPolicyVariables(environment, requireVerifiedEmail, fault)
  if (Result.isSuccess(policy)) return policy.success
  for (const { setting, problem } of policy.failure) fault(setting, problem)
  return nobody
}

const readPolicyVariables = (
  environment: Environment,
  requireVerifiedEmail: boolean,
  fault: AddFault
): Result.Result<Policy, ReadonlyArray<Fault>> => {
  const allowedGroups = splitVariable(environment["COGNITO_AUTH_ALLOWED_GROUPS"])
  const allowedUsers = splitVariable(environment["COGNITO_AUTH_ALLOWED_USERS"])
  const allowAny = readFlag("COGNITO_AUTH_ALLOW_ANY_USER", environment, fault)
  const hasLists = allowedGroups !== undefined || allowedUsers !== undefined
  if (allowAny && hasLists) {
    fault(
      "COGNITO_AUTH_ALLOW_ANY_USER",
      "contradicts COGNITO_AUTH_ALLOWED_GROUPS and COGNITO_AUTH_ALLOWED_USERS: unset the one or the others."
    )
  }
  if (!allowAny && !hasLists) {
    fault(
      "policy",
      "is missing, so nobody could come in. Give the option policy, or one of COGNITO_AUTH_CONFIG_PATH, COGNITO_AUTH_ALLOWED_GROUPS, COGNITO_AUTH_ALLOWED_USERS; or COGNITO_AUTH_ALLOW_ANY_USER=true to admit every authenticated user."
    )
  }
  if (allowAny) return Result.succeed(anyUser)
  return readLists({ allowedGroups, allowedUsers, requireVerifiedEmail }, (list) =>
    list === "allowedUsers" ? "COGNITO_AUTH_ALLOWED_USERS" : "COGNITO_AUTH_ALLOWED_GROUPS"
  )
}

/** Stands in while faults are collected; a configuration with a fault never comes into force. */
const nobody: Policy = { describe: "nobody", evaluate: () => ({ allowed: false, isAppAdmin: false }) }

/** A comma list; `undefined` where it holds nothing. */
const splitVariable = (value: string | undefined): ReadonlyArray<string> | undefined => {
  const entries = (value ?? "")
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "")
  return entries.length === 0 ? undefined : entries
}

const readFlag = (variable: string, environment: Environment, fault: AddFault): boolean => {
  const value = (environment[variable] ?? "").trim().toLowerCase()
  if (["true", "1", "yes"].includes(value)) return true
  if (!["", "false", "0", "no"].includes(value)) fault(variable, "expected true or false.")
  return false
}

const readGivenPems = (given: unknown, fault: AddFault): ReadonlyMap<string, VerificationKey> => {
  const keys = new Map<string, VerificationKey>()
  if (given === undefined) return keys
  if (typeof given !== "object" || given === null) fault("keys.alb", "expected PEM public keys by kid.")
  for (const [kid, pem] of Object.entries(given ?? {})) {
    const key = readPem(kid, String(pem))
    if (Result.isSuccess(key)) keys.set(kid, key.success)
    else fault("keys.alb", `the key ${shown(kid)} is ${key.failure}: expected a PEM public key on P-256.`)
  }
  return keys
}

const readGivenJwks = (given: KeyOptions["jwks"], fault: AddFault): ReadonlyMap<string, VerificationKey> => {
  if (given === undefined) return new Map()
  const keys = Array.isArray(given?.keys) ? readJwkSet(given.keys) : new Map<string, VerificationKey>()
  if (keys.size === 0) fault("keys.jwks", "holds no usable key: expected a JWK Set with RSA keys for RS256, each with a kid.")
  return keys
}

const readGroups = (given: unknown, fault: AddFault): ReadonlyArray<string> => {
  if (given === undefined) return defaultPlatformAdminGroups
  if (Array.isArray(given) && given.every((group) => typeof group === "string" && group !== "")) return given
  fault("platformAdminGroups", "expected a list of group names; an empty list for none.")
  return []
}

const isRedirectUrl = (value: string): boolean =>
  // A second slash would make it another host's URL; a backslash too, to a browser.
  /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(value) || isKeyUrl(value, { allowQuery: true })

const defaultJwksUrl = (issuer: string): string => `${issuer.replace(/\/+$/, "")}/.well-known/jwks.json`

/** A configured value in a fault: short, and on one line. */
const shown = (value: string): string => JSON.stringify(value.length > 120 ? `${value.slice(0, 120)}…` : value)
