/**
 * What an adapter that mounts apps within a framework needs of the gateway: its proxy. Apps do not need it.
 *
 * @module
 */
export { isPlainPath } from "@cognito-auth/core/Bypass"
export { isForgetful, onWebSocket } from "@cognito-auth/node/proxy"
export { decideAll } from "./gateway/decideAll.ts"
export { type AssertionOptions, type Assertions, makeAssertions } from "./identity/Assertion.ts"
export { type HeaderFilterOptions, readHeaderFilter } from "./identity/HeaderFilter.ts"
export { isUnder, mayBeReadAsUnder } from "./target/Target.ts"
export { type AppProxy, makeAppProxy, type OnUpstream } from "./upstream/AppProxy.ts"
export { logUpstream } from "./upstream/logUpstream.ts"
export { readUpstream, type UpstreamOptions } from "./upstream/Upstream.ts"
export { proxyAnswer } from "./upstream/UpstreamFailure.ts"
