/** The option `provider` and what belongs to it: what each kind of provider needs, and what it has no use for. */
import type { AddFault } from "../errors/ConfigurationError.ts"
import { unknownNames } from "../errors/unknownNames.ts"
import { defaultIssuer, poolRegion } from "../remote/aws.ts"
import type { Expected, ExpectedProvider } from "../token/Expected.ts"
import type { Options } from "./Options.ts"
import { type OptionReader, shown } from "./optionReader.ts"
import type { OidcOptions } from "./Provider.ts"
import { readsPolicyLists } from "./policySetting.ts"
import { type Environment, splitList } from "./processEnvironment.ts"
import { policyRows } from "./SettingRows.ts"

const ofProvider = ["issuer", "clientId", "groupsClaim", "jwksUrl", "audience"] as const satisfies ReadonlyArray<keyof OidcOptions>

/** The options with those of `Provider.oidc({ … })` among them: both are read, and named in faults, by the same rows. */
export const withProvider = (options: Options, fault: AddFault): Options => {
  const { provider } = options
  if (typeof provider !== "object" || provider === null || (provider._tag !== "oidc" && provider._tag !== "cognito")) return options
  const known = ["_tag", ...(provider._tag === "oidc" ? ofProvider : [])]
  for (const { name, problem } of unknownNames(Object.keys(provider), known, "is no option")) fault(`provider.${name}`, problem)
  if (provider._tag === "cognito") return options
  const own: Record<string, unknown> = {}
  for (const name of ofProvider) {
    // By its name: it may be a getter of a class.
    const given = provider[name]
    if (given === undefined) continue
    own[name] = given
    if (options[name] !== undefined && options[name] !== given) {
      fault(`provider.${name}`, `contradicts the option ${name}: give it once, in provider.`)
    }
  }
  return { ...options, ...own }
}

export interface ProviderSetting extends Pick<Expected, "provider" | "issuers" | "clientIds"> {}

/** Reads who signs users in, and adds a fault for every setting that this kind of provider lacks or has no use for. */
export const readProviderSetting = (reader: OptionReader, options: Options, environment: Environment, fault: AddFault): ProviderSetting => {
  const tag = reader.read("provider")
  // Whichever was meant, what it needs would be a guess: one fault, and not three.
  if (tag === undefined) return { provider: { _tag: "cognito" }, issuers: new Map(), clientIds: new Set() }
  if (tag === "cognito") {
    for (const name of ["groupsClaim", "audience"] as const) {
      if (!reader.isGiven(name)) continue
      fault(
        reader.name(name),
        "is of no use with Cognito. Leave it out; or, where the load balancer's rule is authenticate-oidc, set provider to Provider.oidc({ … }) (COGNITO_AUTH_PROVIDER=oidc)."
      )
    }
    // In this order, as the faults are listed.
    const issuers = readPools(reader, fault)
    return { provider: { _tag: "cognito" }, issuers, clientIds: new Set(reader.read("clientId")) }
  }
  return readOidc(reader, options, environment, fault)
}

const readPools = (reader: OptionReader, fault: AddFault): ReadonlyMap<string, string> => {
  const pools = reader.read("userPoolId")
  // Issuers are compared exactly, so it is not normalised.
  const issuer = reader.read("issuer")
  const jwksUrl = reader.read("jwksUrl")
  const issuers = new Map<string, string>()
  if (issuer !== undefined) return issuers.set(issuer, jwksUrl ?? defaultJwksUrl(issuer))
  for (const pool of pools) {
    const region = poolRegion(pool)
    if (region === undefined) {
      fault(
        reader.name("userPoolId"),
        `${shown(pool)} is not a user pool's id: expected <region>_<letters and digits>, such as eu-west-2_AbC123xyz. For an emulator, set issuer (COGNITO_AUTH_ISSUER) too.`
      )
      continue
    }
    const poolIssuer = defaultIssuer(region, pool)
    issuers.set(poolIssuer, jwksUrl ?? defaultJwksUrl(poolIssuer))
  }
  // With one key set for two pools, the keys of one pool could sign tokens of the other.
  if (jwksUrl !== undefined && pools.length > 1)
    fault(reader.name("jwksUrl"), "cannot serve several user pools: leave it out, or name one pool.")
  return issuers
}

const readOidc = (reader: OptionReader, options: Options, environment: Environment, fault: AddFault): ProviderSetting => {
  if (reader.isGiven("userPoolId")) {
    fault(
      reader.name("userPoolId"),
      "is of no use with provider oidc, whose issuer is a setting of its own. Leave it out; or, where the load balancer's rule is authenticate-cognito, leave provider out."
    )
  }
  const issuer = reader.read("issuer")
  const clientIds = new Set(reader.read("clientId"))
  const jwksUrl = reader.read("jwksUrl")
  const audience = reader.read("audience")
  const groupsClaim = reader.read("groupsClaim")
  if (!reader.isGiven("issuer") && !reader.isDevMode()) {
    fault(reader.name("issuer"), "is missing. Give the issuer in the load balancer's rule, as https://example.okta.com.")
  }
  const notIssuer = issuer === undefined ? undefined : notOneIssuer(issuer)
  if (notIssuer !== undefined) fault(reader.name("issuer"), notIssuer)
  const verified = "the access token is verified where both are given, and ignored where neither is"
  if (reader.isGiven("audience") && !reader.isGiven("jwksUrl")) {
    fault(reader.name("jwksUrl"), `is needed with audience: ${verified}. Give the provider's jwks_uri, or leave audience out.`)
  }
  if (reader.isGiven("jwksUrl") && !reader.isGiven("audience")) {
    fault(reader.name("audience"), `is needed with jwksUrl: ${verified}. Give what the access token's aud names, or leave jwksUrl out.`)
  }
  if (groupsClaim === undefined && !reader.isGiven("groupsClaim")) refuseUnknownGroups(reader, options, environment, fault)
  const provider: ExpectedProvider = { _tag: "oidc", groupsClaim, audience: jwksUrl === undefined ? undefined : audience }
  return { provider, issuers: new Map(issuer === undefined ? [] : [[issuer, jwksUrl]]), clientIds }
}

/** URLs that no provider has for its issuer: each is a likely mistake, after which every token would be refused. */
const notOneIssuer = (issuer: string): string | undefined => {
  if (/,https?:/i.test(issuer)) return "expected one issuer, as the load balancer's rule has one. For another, run another app."
  if (/[{}]/.test(issuer)) return "is a pattern: fill in the placeholder, as in the load balancer's rule."
  if (/^https:\/\/login\.microsoftonline\.com\/(common|organizations|consumers)(\/|$)/i.test(issuer))
    return "is of every tenant: give that of one tenant, https://login.microsoftonline.com/<tenant id>/v2.0."
  if (!issuer.endsWith("/.well-known/openid-configuration")) return undefined
  return "is the address of the provider's configuration: give the issuer that it names, as in the load balancer's rule."
}

/** Groups that nobody could be known to be in: everybody would be refused. */
const refuseUnknownGroups = (reader: OptionReader, options: Options, environment: Environment, fault: AddFault): void => {
  const isListed = readsPolicyLists(options, environment) && splitList(environment[policyRows.groups.variable] ?? "").length > 0
  const groups: ReadonlyArray<readonly [setting: string, isGiven: boolean]> = [
    [policyRows.groups.variable, isListed],
    [reader.name("platformAdminGroups"), reader.isGiven("platformAdminGroups")]
  ]
  for (const [setting, isGiven] of groups) {
    if (!isGiven) continue
    fault(
      reader.name("groupsClaim"),
      `is needed for ${setting}: without it no user's groups are known. Give the name of the claim in the provider's userinfo, as groups; or leave the groups out.`
    )
  }
}

const defaultJwksUrl = (issuer: string): string => `${issuer.replace(/\/+$/, "")}/.well-known/jwks.json`
