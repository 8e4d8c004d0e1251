/**
 * The app that the contract suite tests, described independently of any framework. An adapter's author builds it with the
 * adapter; nothing else is needed.
 *
 * @module
 */
import type { IncomingMessage } from "node:http"
import type { Duplex } from "node:stream"
import type { AdapterOptions, Principal, RequireOptions, RouteOptions, SignOutOptions, User } from "@cognito-auth/core"

/** How a page gets the user of its request. Without a sign-in, an app may return no user, or throw. */
export type AskUser = () => User | null | undefined

/** How a page gets the user or the service of its request, with an adapter that takes services. */
export type AskPrincipal = () => Principal

/** A handler: it responds to every method with 200 and the body. */
export interface ContractPage {
  /** The content type. */
  readonly type: string
  /** The body. `principal` is for adapters that take services. */
  readonly body: (user: AskUser, principal?: AskPrincipal) => string
}

/** A page with its path. */
export interface ContractRoute extends ContractPage {
  readonly path: string
  /** What the route requires; some are on a bypassed path, and must then be protected themselves. */
  readonly require: RequireOptions | undefined
}

/** A response that does not end by itself: the app sends 200, the type and the first piece, and leaves it open. */
export interface ContractStream {
  readonly path: string
  readonly type: string
  readonly first: string
  /** For the guard of this route. */
  readonly options: Pick<RouteOptions, "closeOnExpiry">
}

/** A sign-out route: it responds to every method. */
export interface ContractSignOut {
  readonly path: string
  /** For the adapter's `signOut`. */
  readonly options: SignOutOptions
}

/** The app's WebSockets. Each answers a text message with `reply`. */
export interface ContractUpgrades {
  /** For the guard of upgrades, in addition to the app's `bypass`. */
  readonly options: Pick<RouteOptions, "require" | "closeOnExpiry">
  readonly paths: ReadonlyArray<{
    readonly path: string
    /** Whether the app sends a close frame with 4401 when the session expires; if not, the adapter closes the connection. */
    readonly sendsClose: boolean
  }>
  /** The reply to a text message. */
  readonly reply: (text: string, user: AskUser) => string
  /**
   * All of the above for an adapter on Node's sockets: handles an admitted upgrade for any path. An adapter whose
   * framework has its own WebSockets uses those instead.
   */
  readonly handle: (req: IncomingMessage, socket: Duplex, head: Uint8Array, user: User | null | undefined, expiry: AbortSignal) => void
}

/** The app to build: it is guarded as a whole, with a few routes that require more. */
export interface ContractApp {
  /** For `cognitoAuth(options)`. */
  readonly options: AdapterOptions
  /** For the guard of the whole app. Upgrades have the same `bypass`, and no `crossOrigin`. */
  readonly guard: Pick<RouteOptions, "bypass" | "crossOrigin" | "onFailure"> & { readonly services?: ReadonlyArray<string> }
  readonly routes: ReadonlyArray<ContractRoute>
  /** The handler for every other path, in any spelling. It would respond to requests that got past the guard. */
  readonly fallback: ContractPage
  /** The path of the adapter's `session()`. The guard bypasses it: it is protected itself. */
  readonly session: string
  /** The path of the adapter's `healthCheck()`. The guard bypasses it: it needs no user. */
  readonly healthCheck: string
  /** The guard bypasses them: signing out needs no user. */
  readonly signOuts: ReadonlyArray<ContractSignOut>
  /** Not needed for `only: "requests"`. */
  readonly streams: ReadonlyArray<ContractStream>
  /** Not needed for `only: "requests"`. */
  readonly upgrades: ContractUpgrades
}

/** A built app that listens. */
export interface Listening {
  /** The port on 127.0.0.1. */
  readonly port: number
  /** Stops the app and its background work; the suite has closed its own connections by then. */
  readonly close: () => Promise<void>
}

/** A built app. */
export interface BuiltApp {
  readonly listen: () => Promise<Listening>
}

/** Builds the app with an adapter: the only function that its author writes. */
export type BuildApp = (app: ContractApp) => BuiltApp | Promise<BuiltApp>
