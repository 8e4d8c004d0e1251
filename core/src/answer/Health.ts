/** Whether requests could be admitted now: for load balancers and orchestrators, and for people who look why not. */
import type { KeysHealth } from "../keys/KeySource.ts"
import type { PolicyHealth } from "../policy/PolicySource.ts"
import type { HttpResponse } from "./HttpResponse.ts"
import { noStore } from "./ResponseHeaders.ts"

export interface Health {
  /** Whether a request could be admitted: keys and a policy are in force, or can be fetched when they are needed. */
  readonly isReady: boolean
  /** Each key endpoint; none where a custom source of keys cannot tell. */
  readonly keys: ReadonlyArray<KeysHealth>
  /** `undefined`: the policy is in the code, or its source cannot tell. */
  readonly policy: PolicyHealth | undefined
}

export const toHealth = (keys: ReadonlyArray<KeysHealth> = [], policy: PolicyHealth | undefined): Health => ({
  isReady: keys.every(({ isUsable }) => isUsable) && policy?.isUsable !== false,
  keys,
  policy
})

/** 200 or 503, for anybody: what is missing, but no address and no reason. */
export const healthResponse = ({ isReady, keys, policy }: Health): HttpResponse => ({
  status: isReady ? 200 : 503,
  headers: { "content-type": "application/json", ...noStore },
  body: JSON.stringify({
    status: isReady ? "ready" : "not ready",
    keys: keys.every(({ isUsable }) => isUsable),
    policy: policy?.isUsable !== false
  })
})
