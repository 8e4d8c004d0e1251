/**
 * A load balancer and a user pool on this machine: the app behind them runs its production path.
 *
 * A request's way, folder by folder: `alb/` (host, rule, session, identity, forwarding), `cognito/` (who signs in), and
 * beside it `control/` (the page to play fate on).
 *
 * @module
 */
import { createServer } from "node:http"
import type { AddressInfo, Socket } from "node:net"
import { ConfigurationError } from "@cognito-auth/core"
import formbody from "@fastify/formbody"
import fastify from "fastify"
import type { ForgedSettings, SettingsPolicy } from "../forgeSettings.ts"
import { type Forge, type ForgeOptions, makeForge } from "../makeForge.ts"
import type { KeyOwner } from "../SigningKey.ts"
import type { KeyServer } from "../serveKeys.ts"
import { answer } from "./alb/albAnswer.ts"
import { makeHostCheck } from "./alb/Host.ts"
import { makeIdentity } from "./alb/Identity.ts"
import { makeLoadBalancer } from "./alb/LoadBalancer.ts"
import { makeSeal } from "./alb/Seal.ts"
import { makeSessionCookie } from "./alb/SessionCookie.ts"
import { type LocalSession, makeSessions, tooLarge } from "./alb/Sessions.ts"
import { callbackPath, makeSignIn } from "./alb/SignIn.ts"
import { makeHostedUi } from "./cognito/HostedUi.ts"
import { makeUserPool } from "./cognito/UserPool.ts"
import { controlPath } from "./control/ControlPage.ts"
import { controlRoutes } from "./control/controlRoutes.ts"
import { makeKeyHost } from "./KeyHost.ts"
import { type LocalAlbOptions, settle } from "./Options.ts"
import { makeRequestLog, type RecentRequest } from "./RequestLog.ts"
import type { LocalUser } from "./Users.ts"

export interface LocalAlb extends AsyncDisposable {
  /** `http://localhost:<port>`: where the browser goes. */
  readonly url: string
  /** The control page. */
  readonly controlUrl: string
  /** The user pool's domain, for `signOut({ cognitoDomain })`. */
  readonly cognitoDomain: string
  /** Whose keys sign. It forges what the load balancer would have sent. */
  readonly forge: Forge
  /** The key endpoints, with all their misbehaviours. */
  readonly keys: KeyServer
  /** Settings of the app behind, in code and as variables; with `COGNITO_DOMAIN`, which is for `signOut`. */
  readonly settings: (policy?: SettingsPolicy) => ForgedSettings
  /** Signs a user in without a browser. Returns the value of a `Cookie` header. */
  readonly signIn: (user: LocalUser) => Promise<string>
  readonly users: () => ReadonlyArray<LocalUser>
  /** Adds or changes a user. Sessions have new tokens from their next request on. */
  readonly putUser: (user: LocalUser) => void
  readonly sessions: () => ReadonlyArray<LocalSession>
  /** The last 50 requests, the newest first. */
  readonly recentRequests: () => ReadonlyArray<RecentRequest>
  /** Ends a session, or all. */
  readonly expireSession: (id?: string) => void
  /** The app gets expired tokens, in a session or in all, until `renewTokens` or a new sign-in. */
  readonly expireTokens: (id?: string) => void
  readonly renewTokens: (id?: string) => void
  /** Both signers, or one, sign with a new key. Tokens of the older one stay valid. */
  readonly rotateKeys: (owner?: KeyOwner) => Promise<void>
  /** Nothing listens on the key host's port any more. */
  readonly keyHostDown: () => Promise<void>
  readonly keyHostUp: () => Promise<void>
  /** Ends everything, open connections too. */
  readonly close: () => Promise<void>
}

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

  // AWS ELB guide: a request's head is of 64 KiB at most. Node's own limit would be less than a large session's cookies.
  const server = createServer({ maxHeaderSize: 65_536, requestTimeout: 0, keepAliveTimeout: settings.idleTimeoutMillis })
  const pages = fastify({
    forceCloseConnections: true,
    serverFactory: (handlePage) =>
      server.on("request", (request, response) => {
        const [path = ""] = (request.url ?? "").split("?")
        const isPage = path === callbackPath || path === controlPath || path.startsWith(`${controlPath}/`)
        if (isPage && isAlbHost(request.headers.host)) handlePage(request, response)
        else void loadBalancer.handle(request, response)
      })
  })
  pages.register(formbody)
  pages.get(callbackPath, async ({ headers, query }, reply) => {
    const { host = "", cookie } = headers
    const entry = log.begin(reply.request.raw, now())
    const outcome = await signIn.finish({ host, query: query as Readonly<Record<string, unknown>>, cookieHeader: cookie })
    if ("status" in outcome) {
      Object.assign(entry, { status: outcome.status, by: "load balancer", reason: outcome.detail })
      reply.hijack()
      return answer(reply.raw, outcome.status, outcome.detail)
    }
    Object.assign(entry, { status: 302, by: "load balancer", reason: "signed in", user: outcome.session.grant.user.email })
    return reply
      .header("set-cookie", [...outcome.setCookies])
      .header("cache-control", "no-store")
      .redirect(outcome.location, 302)
  })
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

  const upgraded = new Set<Socket>()
  server.on("upgrade", (request: Parameters<typeof loadBalancer.handleUpgrade>[0], socket: Socket, head: Buffer) => {
    upgraded.add(socket)
    socket.on("close", () => upgraded.delete(socket))
    loadBalancer.handleUpgrade(request, socket, head)
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
    for (const socket of upgraded) socket.destroy()
    await Promise.all([pages.close(), hostedUi.close(), keys.close()])
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
        throw new Error("The user's claims and access token are more than 11 KiB, which is all that a load balancer keeps.")
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

/** What was given of the forge's own options: a forge that was given, too, keeps the others. */
const ofForge = ({ region, userPoolId, clientId, albArn, issuer, now, albLifetime, accessLifetime }: LocalAlbOptions): ForgeOptions =>
  Object.fromEntries(
    Object.entries({ region, userPoolId, clientId, albArn, issuer, now, albLifetime, accessLifetime }).filter(
      ([, value]) => value !== undefined
    )
  )

/** A port that cannot be had is a matter of configuration. */
const refusePort =
  (setting: string, port: number) =>
  (error: NodeJS.ErrnoException): never => {
    if (error.syscall !== "listen") throw error
    throw ConfigurationError.of([{ setting, problem: `cannot listen on ${port}: ${error.code}. Stop what is there, or choose another.` }])
  }
