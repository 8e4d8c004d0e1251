/**
 * The app that the contract is held against, described in no framework's terms. An adapter's author builds it with the
 * adapter; that is all there is to do.
 *
 * @module
 */
import type { IncomingMessage } from "node:http"
import type { Duplex } from "node:stream"
import type { AdapterOptions, RequireOptions, RouteOptions, SignOutOptions, User } from "@cognito-auth/core"

/** How a page asks for the user of its request. An app may have nobody to tell of, or throw, where nobody has signed in. */
export type AskUser = () => User | null | undefined

/** A handler: it answers every method with 200 and the body. */
export interface ContractPage {
  /** The content type. */
  readonly type: string
  /** The body. */
  readonly body: (user: AskUser) => string
}

/** A page of its own path. */
export interface ContractRoute extends ContractPage {
  readonly path: string
  /** What the route asks of its user; some are on a path that is bypassed, and must then protect themselves. */
  readonly require: RequireOptions | undefined
}

/** A response that does not end by itself: the app sends 200, the type and the first text, and leaves it open. */
export interface ContractStream {
  readonly path: string
  readonly type: string
  readonly first: string
  /** For the guard of this route. */
  readonly options: Pick<RouteOptions, "closeOnExpiry">
}

/** A place to sign out: it answers every method. */
export interface ContractSignOut {
  readonly path: string
  /** For the adapter's `signOut`. */
  readonly options: SignOutOptions
}

/** The app's WebSockets. Each answers a text with `reply`. */
export interface ContractUpgrades {
  /** For the guard of upgrades, beside the app's `bypass`. */
  readonly options: Pick<RouteOptions, "require" | "closeOnExpiry">
  readonly paths: ReadonlyArray<{
    readonly path: string
    /** Whether the app closes with 4401 when the session expires; if not, it leaves the end to the adapter. */
    readonly sendsClose: boolean
  }>
  /** The answer to a text. */
  readonly reply: (text: string, user: AskUser) => string
  /**
   * All of the above for an adapter on Node's sockets: takes an admitted upgrade over, whatever its path. An adapter whose
   * framework has WebSockets of its own uses those instead.
   */
  readonly handle: (req: IncomingMessage, socket: Duplex, head: Uint8Array, user: User | null | undefined, expiry: AbortSignal) => void
}

/** What to build: an app that is guarded as a whole, with a few places that ask for more. */
export interface ContractApp {
  /** For `cognitoAuth(options)`. */
  readonly options: AdapterOptions
  /** For the guard of the whole app. Upgrades have the same `bypass`. */
  readonly guard: Pick<RouteOptions, "bypass" | "onFailure">
  readonly routes: ReadonlyArray<ContractRoute>
  /** What answers where nothing else does: every other path, in whatever spelling. It would answer what got past the guard. */
  readonly fallback: ContractPage
  /** The path of the adapter's `session()`. The guard bypasses it: it protects itself. */
  readonly session: string
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
  /** Ends the app and what runs in its background; the contract has ended its own connections by then. */
  readonly close: () => Promise<void>
}

/** A built app. */
export interface BuiltApp {
  readonly listen: () => Promise<Listening>
}

/** Builds the app with an adapter: all that its author writes. */
export type BuildApp = (app: ContractApp) => BuiltApp | Promise<BuiltApp>
