/**
 * The gateway's own paths, which need no user: liveness, readiness, and the assertions' keys.
 *
 * @module
 */
import type { HttpResponse } from "@cognito-auth/core"
import { gatewayPaths } from "./GatewayOptions.ts"

export interface OwnPathsParts {
  readonly jwks: () => string
  readonly isDraining: () => boolean
  /** Each rejects if every request would be answered 503. */
  readonly keysReady: () => Promise<void>
  readonly policyReady: () => Promise<unknown>
  /** Whether requests are answered 503 at the moment: the load balancer's keys are fetched when they are needed. */
  readonly hasOutage: () => boolean
  readonly isUpstreamUp: () => Promise<boolean>
}

/** The response to one of the gateway's own paths, matched exactly; `undefined`: the path is the app's. */
export type OwnPaths = (method: string, target: string) => HttpResponse | Promise<HttpResponse> | undefined

/** These requests need no sign-in: a flood of them causes one request to the upstream per second. */
const cacheMillis = 1_000

export const makeOwnPaths = ({ jwks, isDraining, keysReady, policyReady, hasOutage, isUpstreamUp }: OwnPathsParts): OwnPaths => {
  let last: { readonly at: number; readonly answer: Promise<HttpResponse> } | undefined
  const check = async (): Promise<HttpResponse> => {
    const [hasKeys, policy, upstream] = await Promise.all([succeeds(keysReady()), succeeds(policyReady()), isUpstreamUp()])
    const keys = hasKeys && !hasOutage()
    const isReady = keys && policy && upstream
    return status(isReady ? 200 : 503, { status: isReady ? "ready" : "not ready", keys, policy, upstream })
  }
  const ready = (): HttpResponse | Promise<HttpResponse> => {
    if (isDraining()) return status(503, { status: "shutting down" })
    const now = performance.now()
    if (last === undefined || now - last.at > cacheMillis) last = { at: now, answer: check() }
    return last.answer
  }
  return (method, target) => {
    const query = target.indexOf("?")
    const path = query === -1 ? target : target.slice(0, query)
    if (path !== gatewayPaths.health && path !== gatewayPaths.ready && path !== gatewayPaths.jwks) return undefined
    if (method !== "GET" && method !== "HEAD")
      return { status: 405, headers: { allow: "GET, HEAD", "cache-control": "no-store" }, body: "" }
    if (path === gatewayPaths.health) return status(200, { status: "alive" })
    if (path === gatewayPaths.ready) return ready()
    // A key is published an hour before it signs.
    return { status: 200, headers: { "content-type": "application/jwk-set+json", "cache-control": "max-age=300" }, body: jwks() }
  }
}

const succeeds = (work: Promise<unknown>): Promise<boolean> =>
  work.then(
    () => true,
    () => false
  )

const status = (code: number, body: object): HttpResponse => ({
  status: code,
  headers: { "content-type": "application/json", "cache-control": "no-store" },
  body: JSON.stringify(body)
})
