/**
 * The two key endpoints over HTTP on loopback: like AWS's, or misbehaving on demand.
 *
 * @module
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import type { DurationText } from "@cognito-auth/core"
import * as Duration from "effect/Duration"
import { type Deployment, type ForgedSettings, forgeSettings, type SettingsPolicy } from "../forge/forgeSettings.ts"
import { accessDenied, albKeysPath, makeKeyEndpoints } from "./KeyEndpoints.ts"
import { type Misbehaviour, misbehaviours, redirectedPath, send } from "./Misbehaviour.ts"
import type { KeyOwner, KeyRing } from "./SigningKey.ts"

export interface ServeOptions {
  /** The port on 127.0.0.1. Default: a free one. */
  readonly port?: number | undefined
}

export interface MisbehaveOptions {
  /** Only one endpoint. Default: both. */
  readonly only?: KeyOwner | undefined
  /** How long `slow` waits. Default `"1 second"`. */
  readonly delay?: DurationText | undefined
}

/** The requests that the key endpoints received. */
export interface KeyRequests {
  /** The paths, in the order of the requests. */
  readonly paths: ReadonlyArray<string>
  /** The number of requests: in all, to one endpoint, or for one path. */
  readonly count: (of?: KeyOwner | `/${string}`) => number
  /** Clears the list. */
  readonly clear: () => void
}

/** The server of both key endpoints. */
export interface KeyServer extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`. It stays the same until `close`, also when the server was down meanwhile. */
  readonly url: string
  /** The base URL of the ALB's keys: `<url>/alb-keys`, then the kid. */
  readonly albKeysUrl: string
  /** The pool's JWK Set: `<url>/<pool>/.well-known/jwks.json`. */
  readonly jwksUrl: string
  readonly requests: KeyRequests
  /** Settings of an app that fetches its keys here. */
  readonly settings: (policy?: SettingsPolicy) => ForgedSettings
  /** Signs with a new key from now on. The older ones are still served. Default: both signers. */
  readonly rotate: (owner?: KeyOwner) => Promise<void>
  /** Stops serving a key: a signer's current one, or the one with this `kid`. Throws if there is none. */
  readonly withdraw: (which: KeyOwner | (string & {})) => void
  /** Fails in this way from now on. */
  readonly misbehave: (how: Misbehaviour, options?: MisbehaveOptions) => Promise<void>
  /** Responds correctly again; on the same port, if it was down. Default: both endpoints. */
  readonly behave: (only?: KeyOwner) => Promise<void>
  /** Closes the server, and every connection. */
  readonly close: () => Promise<void>
}

interface FailureMode {
  readonly how: Misbehaviour
  readonly delayMillis: number
}

/** Serves the keys of the rings; `onClose` is called when the server is closed. */
export const serveKeys = async (
  deployment: Deployment,
  rings: Readonly<Record<KeyOwner, KeyRing>>,
  options: ServeOptions,
  onClose: (server: KeyServer) => void
): Promise<KeyServer> => {
  const endpoints = makeKeyEndpoints(deployment.userPoolId, rings)
  const failureModes: Record<KeyOwner, FailureMode | undefined> = { alb: undefined, cognito: undefined }
  const paths: Array<string> = []

  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    const path = request.url ?? ""
    paths.push(path)
    if (request.method !== "GET") send(response, accessDenied)
    else if (path.startsWith(redirectedPath)) send(response, endpoints.answer(path.slice(redirectedPath.length)))
    else answer(path, response)
  }

  const answer = (path: string, response: ServerResponse): void => {
    const owner = endpoints.ownerOf(path)
    const failureMode = owner === undefined ? undefined : failureModes[owner]
    if (failureMode === undefined) send(response, endpoints.answer(path))
    else misbehaviours[failureMode.how](response, { path, endpoints, delayMillis: failureMode.delayMillis })
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
  const jwksUrl = `${url}${endpoints.jwksPath}`

  const server: KeyServer = {
    url,
    albKeysUrl,
    jwksUrl,
    requests: {
      paths,
      count: (of) => (of === undefined ? paths.length : paths.filter((path) => path === of || endpoints.ownerOf(path) === of).length),
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
      const failureMode = { how, delayMillis: Duration.toMillis(delay) }
      // Before the first request, whose time limit may be shorter than generating an RSA key takes.
      if (how === "wrong-key") await endpoints.makeOtherKeys()
      for (const owner of only === undefined ? owners : [only]) failureModes[owner] = failureMode
      if (how === "down" && only === undefined) {
        if (http.listening) await stop()
      } else if (!http.listening && !isClosed) await listen(port)
    },
    behave: async (only) => {
      for (const owner of only === undefined ? owners : [only]) failureModes[owner] = undefined
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

const owners: ReadonlyArray<KeyOwner> = ["alb", "cognito"]
const isOwner = (which: string): which is KeyOwner => which === "alb" || which === "cognito"
