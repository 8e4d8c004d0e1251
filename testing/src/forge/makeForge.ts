/**
 * The forge: it holds the keys, and signs tokens as a load balancer and a user pool would.
 *
 * @module
 */
import { CognitoAuth, type DurationText, type KeyOptions, KeySource, type Provider } from "@cognito-auth/core"
import * as Duration from "effect/Duration"
import {
  type KeyOwner,
  type KeyRing,
  makeAlbKey,
  makeCognitoKey,
  makeKeyRing,
  toJwk,
  toPem,
  toVerificationKey
} from "../keys/SigningKey.ts"
import { type KeyServer, type ServeOptions, serveKeys } from "../keys/serveKeys.ts"
import { type ForgedHeaderLists, type ForgedHeaders, type HeaderForgery, toHeaders } from "./forgeHeaders.ts"
import { type Deployment, type ForgedProvider, type ForgedSettings, forgeSettings, type SettingsPolicy } from "./forgeSettings.ts"
import { type ForgedTokens, type Forgery, forgeTokens, hasAccessToken } from "./forgeTokens.ts"

/** The deployment that the forge represents. Everything has a default. */
export interface ForgeOptions {
  /**
   * Who signs users in. Default `Provider.cognito`. With `Provider.oidc`, the load balancer's token holds a provider's userinfo, with groups in
   * its `groupsClaim`; the access token is an opaque string, or a JWT where there is an `audience`.
   */
  readonly provider?: Provider.Provider | undefined
  /** The AWS region of the defaults below. Default `eu-west-2`. */
  readonly region?: string | undefined
  /** Cognito's user pool. Default `<region>_AbC123xyz`. */
  readonly userPoolId?: string | undefined
  /** The app client. */
  readonly clientId?: string | undefined
  /** The load balancer: the `signer` of its tokens. */
  readonly albArn?: string | undefined
  /** The issuer instead of the pool's, as of an emulator; of another provider, default `https://idp.example.com`. */
  readonly issuer?: string | undefined
  /** The time in milliseconds since 1970. Default `Date.now`; give the time of Effect's test clock to forge in its time. */
  readonly now?: (() => number) | undefined
  /** How long the ALB's token is valid. Default `"2 minutes"`. */
  readonly albLifetime?: DurationText | undefined
  /** How long the access token is valid. Default `"1 hour"`. */
  readonly accessLifetime?: DurationText | undefined
}

/** Forges sign-ins, and serves the keys that they verify with. */
export interface Forge {
  readonly provider: ForgedProvider
  readonly userPoolId: string
  readonly clientId: string
  readonly albArn: string
  /** The `iss` of both tokens. */
  readonly issuer: string
  /** The forge's time: milliseconds since 1970. */
  readonly now: () => number
  /** The keys: to sign with another forge's, to rotate, to withdraw. */
  readonly keys: Readonly<Record<KeyOwner, KeyRing>>
  /**
   * The three headers of a signed-in user's request.
   *
   * @example
   * await request(app).get("/").set(await forge.headers({ email: "a@example.com", groups: ["admins"] }))
   */
  readonly headers: {
    (forgery?: HeaderForgery & { readonly duplicate?: undefined }): Promise<ForgedHeaders>
    (forgery: HeaderForgery): Promise<ForgedHeaderLists>
  }
  /** The values of the headers. */
  readonly tokens: (forgery?: Forgery) => Promise<ForgedTokens>
  /** Serves both key endpoints on loopback. Close it when done. */
  readonly serve: (options?: ServeOptions) => Promise<KeyServer>
  /**
   * Settings of an app that trusts this forge. Its keys are fetched from the server that was opened last and is not
   * closed; if there is none, from AWS: give the app `keySource()` or `givenKeys()` then.
   */
  readonly settings: (policy?: SettingsPolicy) => ForgedSettings
  /** The keys that are published now, without a network: for the option `keySource`, in addition to those of `settings()`. */
  readonly keySource: () => KeySource["Service"]
  /** The keys that are published now: for the option `keys`. Those of an access token only where it is verified. */
  readonly givenKeys: () => Required<Pick<KeyOptions, "alb">> & Pick<KeyOptions, "jwks">
  /**
   * A forge with the same keys for another pool, client, load balancer or time. It has its own servers.
   *
   * @example
   * const tomorrow = forge.with({ now: () => Date.now() + 86_400_000 })
   */
  readonly with: (options: ForgeOptions) => Forge
}

/**
 * Makes a forge with new keys: P-256 and RSA of 2,048 bits, which is slow; so share one forge between tests.
 *
 * Rejects with core's `ConfigurationError` if an option is invalid, for example an ARN.
 */
export const makeForge = async (options: ForgeOptions = {}): Promise<Forge> => {
  const [alb, cognito] = await Promise.all([makeKeyRing(makeAlbKey), makeKeyRing(makeCognitoKey)])
  return forgeOf(options, { alb, cognito })
}

/** A forge with keys that exist already. */
export const forgeOf = (options: ForgeOptions, keys: Forge["keys"]): Forge => {
  const { region = "eu-west-2", now = Date.now, albLifetime = "2 minutes", accessLifetime = "1 hour" } = options
  const partition = region.startsWith("us-gov-") ? "aws-us-gov" : "aws"
  const given = options.provider
  const provider: ForgedProvider =
    given?._tag === "oidc"
      ? {
          _tag: "oidc",
          issuer: options.issuer ?? given.issuer ?? "https://idp.example.com",
          groupsClaim: given.groupsClaim,
          audience: given.audience
        }
      : { _tag: "cognito" }
  const [ownClient] = given?._tag === "oidc" ? [given.clientId ?? []].flat() : []
  const deployment: Deployment = {
    provider,
    userPoolId: options.userPoolId ?? `${region}_AbC123xyz`,
    clientId: options.clientId ?? ownClient ?? "4example5client6id7example8",
    albArn: options.albArn ?? `arn:${partition}:elasticloadbalancing:${region}:123456789012:loadbalancer/app/my-alb/50dc6c495c0c9188`,
    issuer: options.issuer
  }
  // Core derives the issuer from a pool, and the URLs of keys: so the two cannot differ.
  const endpoints = ({ options }: ForgedSettings) => {
    const { issuers, signers } = CognitoAuth.make(options).settings
    const [[issuer, jwksUrl]] = [...issuers] as [[string, string | undefined]]
    const [albKeysUrl] = [...signers.values()] as [string]
    return { issuer, jwksUrl, albKeysUrl }
  }
  const { issuer } = endpoints(forgeSettings(deployment, {}))
  const albLifetimeMillis = Duration.toMillis(albLifetime)
  const accessLifetimeMillis = Duration.toMillis(accessLifetime)
  const servers: Array<KeyServer> = []

  const tokens = async (forgery: Forgery = {}) =>
    forgeTokens(
      { ...deployment, issuer, now, albLifetimeMillis, accessLifetimeMillis, albKey: keys.alb.current, cognitoKey: keys.cognito.current },
      forgery
    )
  const settings = (policy: SettingsPolicy = {}) => servers.at(-1)?.settings(policy) ?? forgeSettings(deployment, policy)

  return {
    provider,
    userPoolId: deployment.userPoolId,
    clientId: deployment.clientId,
    albArn: deployment.albArn,
    issuer,
    now,
    keys,
    headers: (async (forgery: HeaderForgery = {}) => toHeaders(await tokens(forgery), forgery)) as Forge["headers"],
    tokens,
    serve: async (serveOptions = {}) => {
      const server = await serveKeys(deployment, keys, serveOptions, (closed) => {
        const index = servers.indexOf(closed)
        if (index >= 0) servers.splice(index, 1)
      })
      servers.push(server)
      return server
    },
    settings,
    keySource: () => {
      const { albKeysUrl, jwksUrl } = endpoints(settings())
      return KeySource.memory([
        ...keys.alb.published.map((key) => ({ source: albKeysUrl, kid: key.kid, key: toVerificationKey(key) })),
        ...(jwksUrl === undefined ? [] : keys.cognito.published).map((key) => ({
          source: jwksUrl ?? "",
          kid: key.kid,
          key: toVerificationKey(key)
        }))
      ])
    },
    givenKeys: () => ({
      alb: Object.fromEntries(keys.alb.published.map((key) => [key.kid, toPem(key)])),
      ...(hasAccessToken(provider) ? { jwks: { keys: keys.cognito.published.map(toJwk) } } : {})
    }),
    with: (changes) => forgeOf({ ...options, ...changes }, keys)
  }
}
