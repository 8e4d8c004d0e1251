/**
 * What the adapters of frameworks on `node:http` share: translated requests and responses. Apps do not need it.
 *
 * @module
 */
export {
  type PrincipalUpgradeHandler,
  type ProtectUpgrades,
  protectUpgrades,
  type UpgradeOptions,
  type UserUpgradeHandler,
  type UserUpgradeOptions
} from "./protectUpgrades.ts"
export { serverOf } from "./serverOf.ts"
export { toAuthRequest } from "./toAuthRequest.ts"
export { setHeaders, toResponse, toSocket } from "./toResponse.ts"
