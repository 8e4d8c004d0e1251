/**
 * What an adapter for apps within Express needs of this one. Apps do not need it.
 *
 * @module
 */
export { type ExpressApp, protectApp } from "./protectApp.ts"
export { type ExpressRequest, toAuthRequest } from "./toAuthRequest.ts"
