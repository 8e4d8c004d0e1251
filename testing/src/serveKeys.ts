/**
 * The two key endpoints over HTTP on loopback: as AWS has them, or misbehaving on demand.
 *
 * @module
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import type { DurationText } from "@cognito-auth/core"
import { toMillis } from "./durations.ts"
import { type Deployment, type ForgedSettings, forgeSettings, type SettingsPolicy } from "./forgeSettings.ts"
import { type Answer, type Misbehaviour, misbehaviours, send } from "./Misbehaviour.ts"
import { type KeyOwner, type KeyRing, makeAlbKey, makeCognitoKey, type SigningKey, toJwk, toPem } from "./SigningKey.ts"

export interface ServeOptions {
  /** The port on 127.0.0.1. Default: a free one. */
  readonly port?: number | undefined
}

export interface MisbehaveOptions {
  /** One endpoint alone. Default: both. */
  readonly only?: KeyOwner | undefined
  /** How long `slow` waits. Default `"1 second"`. */
  readonly delay?: DurationText | undefined
}

/** What was asked of the key endpoints. */
export interface RequestLog {
  /** The paths, in the order in which they were asked for. */
  readonly paths: ReadonlyArray<string>
  /** How many requests there were: in all, of one endpoint, or for one path. */
  readonly count: (of?: KeyOwner | `/${string}`) => number
  /** Starts anew. */
  readonly clear: () => void
}

/** Both key endpoints, while they are served. */
export interface KeyServer extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`. It stays the same until `close`, also when the server was down meanwhile. */
  readonly url: string
  /** The base URL of the ALB's keys: `<url>/alb-keys`, then the kid. */
  readonly albKeysUrl: string
  /** The pool's JWK Set: `<url>/<pool>/.well-known/jwks.json`. */
  readonly jwksUrl: string
  readonly requests: RequestLog
  /** Settings of an app that fetches its keys here. */
  readonly settings: (policy?: SettingsPolicy) => ForgedSettings
  /** Signs with a new key from now on. The older ones are still served. Default: both signers. */
  readonly rotate: (owner?: KeyOwner) => Promise<void>
  /** Serves a key no longer: the one that a signer signs with now, or the one of this `kid`. Throws where there is none. */
  readonly withdraw: (which: KeyOwner | (string & {})) => void
  /** Fails its callers in this way from now on. */
  readonly misbehave: (how: Misbehaviour, options?: MisbehaveOptions) => Promise<void>
  /** Answers properly again; on the same port, if it was down. Default: both endpoints. */
  readonly behave: (only?: KeyOwner) => Promise<void>
  /** Ends the server, and every connection. */
  readonly close: () => Promise<void>
}

interface Mood {
  readonly how: Misbehaviour
  readonly delayMillis: number
}

/** Serves the keys of the rings. `onClose` is told once. */
export const serveKeys = async (
  deployment: Deployment,
  rings: Readonly<Record<KeyOwner, KeyRing>>,
  options: ServeOptions,
  onClose: (server: KeyServer) => void
): Promise<KeyServer> => {
  const moods: Record<KeyOwner, Mood | undefined> = { alb: undefined, cognito: undefined }
  const strangers: Partial<Record<KeyOwner, Promise<SigningKey>>> = {}
  const paths: Array<string> = []
  const jwksPath = `/${deployment.userPoolId}/.well-known/jwks.json`

  const ownerOf = (path: string): KeyOwner | undefined =>
    path.startsWith(`${albKeysPath}/`) ? "alb" : path === jwksPath ? "cognito" : undefined

  const answerTo = (path: string, owner: KeyOwner, keys: ReadonlyArray<SigningKey>): Answer => {
    if (owner === "cognito") return { status: 200, type: "application/json", body: JSON.stringify({ keys: keys.map(toJwk) }) }
    const key = keys.find(({ kid }) => path === `${albKeysPath}/${kid}`)
    return key === undefined ? accessDenied : { status: 200, type: "binary/octet-stream", body: toPem(key) }
  }

  const answerOfAnother = async (path: string, owner: KeyOwner): Promise<Answer> => {
    strangers[owner] ??= owner === "alb" ? makeAlbKey() : makeCognitoKey()
    const stranger = await strangers[owner]
    return answerTo(
      path,
      owner,
      rings[owner].published.map(({ kid }) => ({ ...stranger, kid }))
    )
  }

  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    const path = request.url ?? ""
    paths.push(path)
    const target = path.startsWith(redirectedPath) ? path.slice(redirectedPath.length) : path
    const owner = request.method === "GET" ? ownerOf(target) : undefined
    if (owner === undefined) send(response, accessDenied)
    else answerFor(owner, target, target === path ? moods[owner] : undefined, response)
  }

  const answerFor = (owner: KeyOwner, path: string, mood: Mood | undefined, response: ServerResponse): void => {
    const answer = answerTo(path, owner, rings[owner].published)
    if (mood === undefined) send(response, answer)
    else
      misbehaviours[mood.how](response, {
        path,
        answer,
        answerOfAnother: () => answerOfAnother(path, owner),
        delayMillis: mood.delayMillis
      })
  }

  const http = createServer(handle)
  const listen = (port: number) =>
    new Promise<void>((resolve, reject) => {
      http.once("error", reject).listen(port, "127.0.0.1", () => {
        http.off("error", reject)
        resolve()
      })
    })
  const stop = () =>
    new Promise<void>((resolve) => {
      http.close(() => resolve())
      http.closeAllConnections()
    })

  let isClosed = false
  await listen(options.port ?? 0)
  const { port } = http.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  const albKeysUrl = `${url}${albKeysPath}`
  const jwksUrl = `${url}${jwksPath}`

  const server: KeyServer = {
    url,
    albKeysUrl,
    jwksUrl,
    requests: {
      paths,
      count: (of) => (of === undefined ? paths.length : paths.filter((path) => path === of || ownerOf(path) === of).length),
      clear: () => {
        paths.length = 0
      }
    },
    settings: (policy = {}) => forgeSettings({ ...deployment, albKeysUrl, jwksUrl }, policy),
    rotate: async (owner) => {
      await Promise.all((owner === undefined ? owners : [owner]).map((each) => rings[each].rotate()))
    },
    withdraw: (which) => {
      const kid = isOwner(which) ? rings[which].current.kid : which
      const isWithdrawn = owners.map((owner) => rings[owner].withdraw(kid)).includes(true)
      if (!isWithdrawn) throw new Error(`No key of the kid ${JSON.stringify(kid)} is served, so none can be withdrawn.`)
    },
    misbehave: async (how, { only, delay = "1 second" } = {}) => {
      const mood = { how, delayMillis: toMillis(delay) }
      for (const owner of only === undefined ? owners : [only]) moods[owner] = mood
      if (how === "down" && only === undefined) {
        if (http.listening) await stop()
      } else if (!http.listening && !isClosed) await listen(port)
    },
    behave: async (only) => {
      for (const owner of only === undefined ? owners : [only]) moods[owner] = undefined
      if (!http.listening && !isClosed) await listen(port)
    },
    close: async () => {
      isClosed = true
      onClose(server)
      if (http.listening) await stop()
    },
    [Symbol.asyncDispose]: () => server.close()
  }
  return server
}

const albKeysPath = "/alb-keys"
const redirectedPath = "/redirected"
const owners: ReadonlyArray<KeyOwner> = ["alb", "cognito"]
const isOwner = (which: string): which is KeyOwner => which === "alb" || which === "cognito"

/** S3 behind the ALB's keys answers so for a key that does not exist, and for the base URL. */
const accessDenied: Answer = {
  status: 403,
  type: "application/xml",
  body: '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>'
}
