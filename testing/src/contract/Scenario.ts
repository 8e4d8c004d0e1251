/**
 * One row of the contract suite.
 *
 * @module
 */
import type { BuildApp } from "./ContractApp.ts"

/** The feature that a scenario needs: plain requests, responses that stay open, or upgrades. */
export type Part = "requests" | "streams" | "upgrades"

/** One requirement of an adapter. */
export interface Scenario {
  /** A sentence, unique among scenarios. */
  readonly name: string
  readonly part: Part
  /** Builds an app, tests it, and stops it. Rejects with the request, the expected and the received response. */
  readonly run: () => Promise<void>
}

export interface ContractOptions {
  /** The parts to run. Default: all. An adapter for a platform without streams or upgrades gives `"requests"`. */
  readonly only?: Part | ReadonlyArray<Part> | undefined
  /** Whether the adapter takes services: it passes `guard.services` on, and calls a page's `body` with `principal`. Default `false`. */
  readonly services?: boolean | undefined
}

/** The whole table for one adapter. */
export type Contract = (build: BuildApp, options?: ContractOptions) => ReadonlyArray<Scenario>
