/** Upgrades → decisions: WebSockets never pass a request handler. Every framework on node:http has the same ones. */
import type { Server as HttpServer, IncomingMessage } from "node:http"
import type { Server as HttpsServer } from "node:https"
import type { Duplex } from "node:stream"
import {
  type AdapterRuntime,
  ConfigurationError,
  type Principal,
  type RouteOptions,
  requireCalled,
  requireHandler,
  User
} from "@cognito-auth/core"
import { toAuthRequest } from "./toAuthRequest.ts"
import { toSocket } from "./toResponse.ts"

/**
 * Handles an upgrade with its user, on an untouched socket. `expiry` fires when the user's access token expires, a
 * second before the socket is closed: close a WebSocket with `sessionExpiredCloseCode` then.
 */
export type UserUpgradeHandler = (req: IncomingMessage, socket: Duplex, head: Buffer, user: User, expiry: AbortSignal) => unknown

/** The same, with its user or the service that asks. */
export type PrincipalUpgradeHandler = (
  req: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  principal: Principal,
  expiry: AbortSignal
) => unknown

export type UpgradeOptions = Omit<RouteOptions, "onFailure">

/** With these, no service comes in. */
export type UserUpgradeOptions = UpgradeOptions & { readonly services?: undefined }

/**
 * Lets only upgrades of signed-in, authorised users through: WebSockets never pass a request handler. A refused one
 * gets an HTTP status, and its socket is destroyed. Returns a function that removes the guard.
 *
 * Throws `ConfigurationError` if the server has another `upgrade` listener, which would get every upgrade too; adding one
 * later throws the same error.
 */
export interface ProtectUpgrades {
  (server: Server, handler: UserUpgradeHandler, options?: UserUpgradeOptions): () => void
  /** On the paths of `services`, the handler may get a `Service` too. */
  (server: Server, handler: PrincipalUpgradeHandler, options: UpgradeOptions): () => void
}

type Server = HttpServer | HttpsServer

/** A guard with the adapter's runtime. */
export const protectUpgrades =
  (runtime: AdapterRuntime): ProtectUpgrades =>
  (server: Server, given: UserUpgradeHandler, options?: UpgradeOptions) => {
    requireCalled(server, "protectUpgrades", call)
    requireHandler(given, "protectUpgrades", call)
    // Of a route that neither names services nor requires scopes, core admits users alone.
    const handler = given as PrincipalUpgradeHandler
    const route = runtime.route(options)
    if (server.listenerCount("upgrade") > 0) throw otherListener()
    const onUpgrade = (req: IncomingMessage, socket: Duplex, head: Buffer) => {
      // Until the handler has the socket, a client that disconnects must not end the process.
      const ignore = () => {}
      socket.on("error", ignore)
      runtime.decide(req, toAuthRequest(req, true), route, (decision) => {
        if (socket.destroyed) return
        if (decision._tag !== "Admit") return toSocket(decision, socket)
        // The client has disconnected meanwhile, and the handler would get no event.
        if (socket.readableEnded) return void socket.destroy()
        socket.off("error", ignore)
        handler(req, socket, head, decision.principal ?? User.anonymous, runtime.closeOnExpiry(decision, socket))
      })
    }
    // An error thrown here prevents the other listener from being added.
    const refuseOthers = (event: string | symbol) => {
      if (event === "upgrade") throw otherListener()
    }
    server.on("upgrade", onUpgrade).on("newListener", refuseOthers)
    return () => void server.off("newListener", refuseOthers).off("upgrade", onUpgrade)
  }

const call = "protectUpgrades(server, (req, socket, head, user) => …)"

const otherListener = () =>
  ConfigurationError.of([
    {
      setting: "protectUpgrades",
      problem: 'the server has another "upgrade" listener, which would answer unprotected. Remove it; with ws, use { noServer: true }.'
    }
  ])
