/**
 * What an adapter for apps within Fastify needs of this one. Apps need none of it.
 *
 * @module
 */
export { type RequestLike, toAuthRequest } from "./toAuthRequest.ts"
export { type ReplyLike, setHeaders, toReply } from "./toReply.ts"
