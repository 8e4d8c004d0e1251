/**
 * One row of the contract.
 *
 * @module
 */
import type { BuildApp } from "./ContractApp.ts"

/** What a scenario needs of the app: requests alone, responses that stay open, or upgrades. */
export type Part = "requests" | "streams" | "upgrades"

/** One thing that must hold of an adapter. */
export interface Scenario {
  /** A sentence. No two scenarios have the same. */
  readonly name: string
  readonly part: Part
  /** Builds an app, holds it to this, and ends it. Rejects with what was asked, expected and answered. */
  readonly run: () => Promise<void>
}

export interface ContractOptions {
  /** The parts to run. Default: all. An adapter for a place that has no streams or upgrades gives `"requests"`. */
  readonly only?: Part | ReadonlyArray<Part> | undefined
}

/** The whole table for one adapter. */
export type Contract = (build: BuildApp, options?: ContractOptions) => ReadonlyArray<Scenario>
