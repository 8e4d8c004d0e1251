/**
 * What an adapter for apps within Fastify needs of this one. Apps do not need it.
 *
 * @module
 */
export { type RequestLike, toAuthRequest } from "./toAuthRequest.ts"
export { type ReplyLike, setHeaders, toReply } from "./toReply.ts"
