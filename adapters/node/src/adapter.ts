/**
 * What the adapters of frameworks on `node:http` share: requests and answers, translated. Apps need none of it.
 *
 * @module
 */
export { type ProtectUpgrades, protectUpgrades, type UserUpgradeHandler } from "./protectUpgrades.ts"
export { serverOf } from "./serverOf.ts"
export { toAuthRequest } from "./toAuthRequest.ts"
export { setHeaders, toResponse, toSocket } from "./toResponse.ts"
