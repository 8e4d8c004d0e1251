/**
 * Rules of HTTP/1.1 for proxies on `node:http`: the gateway, and the local ALB of `@cognito-auth/testing`. Nothing here
 * authenticates. Apps do not need it.
 *
 * @module
 */
export { type Framing, framingOf } from "./proxy/framing.ts"
export { endToEnd, hopByHop, isNamed, namesIn } from "./proxy/hopByHop.ts"
export { fieldLines, joinSockets, keepEarly, type Side } from "./proxy/joinSockets.ts"
export { onClosed } from "./proxy/onClosed.ts"
export { isForgetful, refuseRequest } from "./proxy/refuseRequest.ts"
export { hasNoBody, isUsable, isWebSocketAnswer, noteReset, reasonPhrase, wasReset } from "./proxy/usableAnswer.ts"
export { isWebSocketHandshake, onWebSocket, type UpgradeHandler } from "./proxy/webSockets.ts"
