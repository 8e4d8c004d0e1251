/**
 * The contract suite for adapters: what every adapter must do, as scenarios over real HTTP, for any framework and any test runner.
 *
 * An adapter's author writes a function that builds the `ContractApp` with the adapter, and runs every scenario.
 *
 * @module
 */
export type {
  AskUser,
  BuildApp,
  BuiltApp,
  ContractApp,
  ContractPage,
  ContractRoute,
  ContractSignOut,
  ContractStream,
  ContractUpgrades,
  Listening
} from "./contract/ContractApp.ts"
export { contract } from "./contract/contractOf.ts"
export { onLoopback } from "./contract/onLoopback.ts"
export type { ContractOptions, Part, Scenario } from "./contract/Scenario.ts"
