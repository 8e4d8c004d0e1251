/**
 * What the gateway answers by itself, without a user: whether it lives, whether it can serve, and the assertions' keys.
 *
 * @module
 */
import type { Answer } from "@cognito-auth/core"
import { gatewayPaths } from "./GatewayOptions.ts"

export interface OwnPathsParts {
  readonly jwks: () => string
  readonly isDraining: () => boolean
  /** Resolves once the sign-in's keys are at hand. */
  readonly keysReady: () => Promise<void>
  readonly isUpstreamUp: () => Promise<boolean>
}

/** Answers a target that is the gateway's own, by its exact path; `undefined`: it is the app's. */
export type OwnPaths = (method: string, target: string) => Answer | Promise<Answer> | undefined

/** Nobody has signed in here: a flood of these requests asks the upstream once a second. */
const rememberMillis = 1_000

export const makeOwnPaths = ({ jwks, isDraining, keysReady, isUpstreamUp }: OwnPathsParts): OwnPaths => {
  let last: { readonly at: number; readonly answer: Promise<Answer> } | undefined
  const check = async (): Promise<Answer> => {
    const [keys, upstream] = await Promise.all([
      keysReady().then(
        () => true,
        () => false
      ),
      isUpstreamUp()
    ])
    return status(keys && upstream ? 200 : 503, { status: keys && upstream ? "ready" : "not ready", keys, upstream })
  }
  const ready = (): Answer | Promise<Answer> => {
    if (isDraining()) return status(503, { status: "shutting down" })
    const now = performance.now()
    if (last === undefined || now - last.at > rememberMillis) last = { at: now, answer: check() }
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

const status = (code: number, body: object): Answer => ({
  status: code,
  headers: { "content-type": "application/json", "cache-control": "no-store" },
  body: JSON.stringify(body)
})
