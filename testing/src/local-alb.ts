/**
 * The local ALB: a load balancer and a user pool on this machine, for the app to run its production path behind.
 *
 * @example
 * const alb = await localAlb({ target: "http://localhost:3000" })
 * console.log(`Open ${alb.url}; the control page is ${alb.controlUrl}`)
 *
 * @module
 */
export type { LocalSession } from "./local-alb/alb/Sessions.ts"
export type { LocalAlb } from "./local-alb/LocalAlb.ts"
export { localAlb } from "./local-alb/makeLocalAlb.ts"
export type { LocalAlbOptions, LocalRule, OnUnauthenticated } from "./local-alb/Options.ts"
export type { RecentRequest } from "./local-alb/RequestLog.ts"
export { type RunContext, type RunOptions, runLocalAlb } from "./local-alb/run/runLocalAlb.ts"
export { defaultUsers, type LocalUser, readUsers } from "./local-alb/Users.ts"
