/**
 * Options and environment → validated settings, once, at start-up. All faults are reported, not just the first.
 *
 * @module
 */
import * as Result from "effect/Result"
import type { WriteRefusalPage } from "../answer/RefusalPage.ts"
import { type AddFault, type Fault, Faults } from "../errors/ConfigurationError.ts"
import { logLevels } from "../events/Logger.ts"
import type { ObserveOptions } from "../events/Observe.ts"
import { readJwkSet, readPem, type VerificationKey } from "../keys/Key.ts"
import type { KeySource } from "../keys/KeySource.ts"
import type { KeySettings } from "../keys/keyEndpoint.ts"
import type { PolicySource } from "../policy/PolicySource.ts"
import { defaultAlbKeysUrl, parseAlbArn } from "../remote/aws.ts"
import { type Expected, verifiesAccessToken } from "../token/Expected.ts"
import type { CacheBounds } from "../token/SessionCache.ts"
import type { DevUser } from "../user/DevUser.ts"
import { readDevMode } from "./DevMode.ts"
import type { KeyOptions, Options } from "./Options.ts"
import { makeOptionReader, shown } from "./optionReader.ts"
import { readPolicySetting } from "./policySetting.ts"
import type { Environment } from "./processEnvironment.ts"
import { readProviderSetting, withProvider } from "./providerSetting.ts"
import { codeRows, variableRows } from "./SettingRows.ts"

/** The validated settings from `Options` and the environment. */
export interface Settings extends Expected {
  readonly region: string
  /** Other origins whose pages may send unsafe requests, as browsers spell them. */
  readonly allowedOrigins: ReadonlySet<string>
  /** `undefined`: a refused page load gets an HTML page. */
  readonly redirectUrl: string | undefined
  /** The app's custom page; `undefined`: the built-in page. */
  readonly refusalPage: WriteRefusalPage | undefined
  /** Who is told of events. */
  readonly observers: ObserveOptions
  readonly platformAdminGroups: ReadonlySet<string>
  readonly keys: KeySettings
  /** Limits of the cache of verified tokens, for each of its two parts. Zero: nothing is cached. */
  readonly tokenCache: CacheBounds
  readonly keySource: KeySource["Service"] | undefined
  readonly policySource: PolicySource["Service"]
  /** The mock user of dev mode; `undefined`: dev mode is off. */
  readonly devUser: DevUser | undefined
}

/** Reads and validates all settings. The failure contains every fault. */
export const readSettings = (given: Options, environment: Environment): Result.Result<Settings, ReadonlyArray<Fault>> => {
  if (typeof given !== "object" || given === null) return Result.fail([{ setting: "options", problem: "expected an object." }])
  const faults = new Faults()
  const fault = faults.add
  const options = withProvider(given, fault)
  const reader = makeOptionReader(options, environment, fault)
  reader.refuseUnknown()

  const givenRegion = reader.read("region")
  const { provider, issuers, clientIds } = readProviderSetting(reader, options, environment, fault)
  const arns = reader.read("albArn")
  const albKeysUrl = reader.read("albKeysUrl")?.replace(/\/+$/, "")

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

  const region = givenRegion ?? [...regions][0] ?? variableRows.region.default
  const keys = options.keys ?? {}
  if (keys.jwks !== undefined && issuers.size > 1) fault("keys.jwks", "cannot serve several user pools: leave it out, or name one pool.")
  if (keys.jwks !== undefined && !verifiesAccessToken(provider)) {
    fault("keys.jwks", "is of no use: the access token is ignored. Leave it out, or give jwksUrl and audience, with which it is verified.")
  }
  const settings: Settings = {
    provider,
    signers,
    issuers,
    clientIds,
    region,
    allowedOrigins: new Set(reader.read("allowedOrigins")),
    redirectUrl: reader.read("redirectUrl"),
    refusalPage: readRefusalPage(options.refusalPage, fault),
    observers: readObservers(options, fault),
    platformAdminGroups: new Set(reader.read("platformAdminGroups")),
    clockToleranceMillis: reader.duration("clockTolerance"),
    keys: {
      alb: readGivenPems(keys.alb, fault),
      jwks: readGivenJwks(keys.jwks, fault),
      preload: keys.preload ?? codeRows["keys.preload"].default,
      maxAgeMillis: reader.duration("keys.maxAge"),
      staleIfErrorMillis: reader.duration("keys.staleIfError"),
      timeoutMillis: reader.duration("keys.timeout")
    },
    tokenCache: readTokenCache(options.tokenCache, fault),
    keySource: options.keySource,
    policySource: readPolicySetting(options, environment, region, fault),
    devUser: readDevMode(reader, environment, region, fault)
  }
  return faults.resultOf(settings)
}

const readTokenCache = (given: Options["tokenCache"], fault: AddFault): CacheBounds => {
  if (given === false) return { maxBytes: 0, maxEntries: 0 }
  const { maxBytes = codeRows["tokenCache.maxBytes"].default, maxEntries = codeRows["tokenCache.maxEntries"].default } = given ?? {}
  for (const [name, bound] of Object.entries({ maxBytes, maxEntries })) {
    if (!Number.isSafeInteger(bound) || bound < 1)
      fault(`tokenCache.${name}`, "expected a whole number above zero. To turn the cache off, use tokenCache: false.")
  }
  return { maxBytes, maxEntries }
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
  if (keys.size === 0) fault("keys.jwks", "contains no usable key: expected a JWK Set with RSA keys for RS256, each with a kid.")
  return keys
}

const readObservers = ({ observe, logger, auditLog }: ObserveOptions, fault: AddFault): ObserveOptions => {
  if (observe !== undefined && typeof observe !== "function") fault("observe", "expected a function that takes an event.")
  const isLogger = typeof logger === "object" && logger !== null && logLevels.every((level) => typeof logger[level] === "function")
  if (logger !== undefined && logger !== false && !isLogger)
    fault("logger", "expected an object with the functions debug, info, warn and error, such as console; or false.")
  if (auditLog !== undefined && typeof auditLog?.record !== "function") fault("auditLog", "expected what auditLog({ write }) returns.")
  return { observe, logger, auditLog }
}

const readRefusalPage = (given: WriteRefusalPage | undefined, fault: AddFault): WriteRefusalPage | undefined =>
  given === undefined || typeof given === "function" ? given : fault("refusalPage", "expected a function that returns HTML.")
