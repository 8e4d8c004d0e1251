/**
 * What the adapters of frameworks on `node:http` share: translated requests and responses. Apps do not need it.
 *
 * @module
 */
export { type ProtectUpgrades, protectUpgrades, type UserUpgradeHandler } from "./protectUpgrades.ts"
export { serverOf } from "./serverOf.ts"
export { toAuthRequest } from "./toAuthRequest.ts"
export { setHeaders, toResponse, toSocket } from "./toResponse.ts"
