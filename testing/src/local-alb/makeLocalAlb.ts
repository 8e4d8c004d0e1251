/**
 * A load balancer and a user pool on this machine: the app behind them runs its production path.
 *
 * A request passes `alb/` (host, rule, session, identity, forwarding) and `cognito/` (the sign-in);
 * `control/` is the control page.
 *
 * @module
 */
import type { AddressInfo } from "node:net"
import { ConfigurationError } from "@cognito-auth/core"
import type { ForgedSettings, SettingsPolicy } from "../forge/forgeSettings.ts"
import { type ForgeOptions, makeForge } from "../forge/makeForge.ts"
import { makeAlbServer } from "./alb/AlbServer.ts"
import { makeHostCheck } from "./alb/Host.ts"
import { makeIdentity } from "./alb/Identity.ts"
import { makeLoadBalancer } from "./alb/LoadBalancer.ts"
import { makeSeal } from "./alb/Seal.ts"
import { makeSessionCookie } from "./alb/SessionCookie.ts"
import { makeSessions, tooLarge } from "./alb/Sessions.ts"
import { makeSignIn } from "./alb/SignIn.ts"
import { makeHostedUi } from "./cognito/HostedUi.ts"
import { makeUserPool } from "./cognito/UserPool.ts"
import { controlPath } from "./control/ControlPage.ts"
import { controlRoutes } from "./control/controlRoutes.ts"
import { makeKeyHost } from "./KeyHost.ts"
import type { LocalAlb } from "./LocalAlb.ts"
import { defaultAccessLifetime, defaultAlbLifetime, type LocalAlbOptions, settle } from "./Options.ts"
import { makeRequestLog } from "./RequestLog.ts"

/**
 * Starts a local ALB in front of an app. Throws `ConfigurationError` with every fault, also where a port is taken.
 *
 * @example
 * await using alb = await localAlb({ target: "http://localhost:3000" })
 * const page = await fetch(alb.url, { headers: { cookie: await alb.signIn({ email: "ada@example.com", groups: ["admins"] }) } })
 */
export const localAlb = async (options: LocalAlbOptions): Promise<LocalAlb> => {
  const settings = settle(options, process.env)
  const forge = options.forge?.with(ofForge(options)) ?? (await makeForge(options))
  const { now, clientId } = forge
  const keys = await forge.serve({ port: settings.ports.keys }).catch(refusePort("keysPort", settings.ports.keys))

  let albPort = 0
  let cognitoPort = 0
  const isAlbHost = makeHostCheck(() => albPort, settings.hosts)
  const seal = makeSeal()
  const pool = makeUserPool(forge, settings.users, settings)
  const sessions = makeSessions(makeSessionCookie(settings.cookieName, seal), pool, settings, now)
  const log = makeRequestLog()
  const cognitoUrl = () => `http://localhost:${cognitoPort}`
  const signIn = makeSignIn(seal, pool, sessions, { clientId, cognitoUrl, loginTimeoutMillis: settings.loginTimeoutMillis, now })
  const keyHost = makeKeyHost(
    forge.keys,
    keys,
    now,
    { alb: settings.albLifetimeMillis, cognito: settings.accessLifetimeMillis },
    settings.rotateKeysMillis
  )
  const loadBalancer = makeLoadBalancer({
    settings,
    port: () => albPort,
    now,
    isOwnHost: isAlbHost,
    sessions,
    signIn,
    identity: makeIdentity(forge, settings),
    log
  })
  const settingsOf = (policy?: SettingsPolicy): ForgedSettings => {
    const { options, env } = keys.settings(policy)
    return { options, env: { ...env, COGNITO_DOMAIN: cognitoUrl() } }
  }

  const { idleTimeoutMillis } = settings
  const { server, pages, close: closeAlb } = makeAlbServer({ loadBalancer, signIn, log, isOwnHost: isAlbHost, idleTimeoutMillis, now })
  controlRoutes(pages, {
    pool,
    sessions,
    keyHost,
    view: () => ({
      target: settings.target.origin,
      users: pool.users(),
      keys: {
        isDown: keyHost.isDown(),
        albKid: forge.keys.alb.current.kid,
        cognitoKid: forge.keys.cognito.current.kid,
        published: forge.keys.alb.published.length + forge.keys.cognito.published.length
      },
      requests: log.recent(),
      env: settingsOf().env,
      now: now()
    })
  })

  const hostedUi = makeHostedUi({
    pool,
    clientId,
    isOwnHost: makeHostCheck(() => cognitoPort, settings.hosts),
    isAlbHost,
    logoutUris: settings.logoutUris
  })

  const close = async (): Promise<void> => {
    keyHost.stop()
    await Promise.all([closeAlb(), hostedUi.close(), keys.close()])
  }
  try {
    const { host, ports } = settings
    await pages.listen({ host, port: ports.alb }).catch(refusePort("port", ports.alb))
    albPort = (server.address() as AddressInfo).port
    await hostedUi.listen({ host, port: ports.cognito }).catch(refusePort("cognitoPort", ports.cognito))
    cognitoPort = (hostedUi.server.address() as AddressInfo).port
  } catch (error) {
    await close()
    throw error
  }

  const url = `http://localhost:${albPort}`
  return {
    url,
    controlUrl: `${url}${controlPath}`,
    cognitoDomain: cognitoUrl(),
    forge,
    keys,
    settings: settingsOf,
    signIn: async (user) => {
      pool.put(user)
      const grant = await pool.grant(user.email)
      const session = grant === undefined ? tooLarge : sessions.start(grant, undefined)
      if (session === tooLarge)
        throw new Error("The user's claims and access token are more than 11 KiB, which is the most that a load balancer stores.")
      return session.setCookies.map((line) => line.split(";")[0]).join("; ")
    },
    users: pool.users,
    putUser: pool.put,
    sessions: sessions.list,
    recentRequests: log.recent,
    expireSession: sessions.expire,
    expireTokens: (id) => sessions.expireTokens(true, id),
    renewTokens: (id) => sessions.expireTokens(false, id),
    rotateKeys: keyHost.rotate,
    keyHostDown: keyHost.down,
    keyHostUp: keyHost.up,
    close,
    [Symbol.asyncDispose]: close
  }
}

/** What a forge that was given becomes: the lifetimes are the local ALB's own, which must know them; the rest as far as it was given. */
const ofForge = ({
  provider,
  region,
  userPoolId,
  clientId,
  albArn,
  issuer,
  now,
  albLifetime,
  accessLifetime
}: LocalAlbOptions): ForgeOptions => ({
  ...Object.fromEntries(
    Object.entries({ provider, region, userPoolId, clientId, albArn, issuer, now }).filter(([, value]) => value !== undefined)
  ),
  albLifetime: albLifetime ?? defaultAlbLifetime,
  accessLifetime: accessLifetime ?? defaultAccessLifetime
})

/** A port that cannot be had is a matter of configuration. */
const refusePort =
  (setting: string, port: number) =>
  (error: NodeJS.ErrnoException): never => {
    if (error.syscall !== "listen") throw error
    throw ConfigurationError.of([{ setting, problem: `cannot listen on ${port}: ${error.code}. Stop what is there, or choose another.` }])
  }
