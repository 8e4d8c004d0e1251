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
  isReady: hasKeys(keys) && policy?.isUsable !== false,
  keys,
  policy
})

/** Whether somebody could sign in: by one load balancer and one issuer at least, whatever is wrong with the others. */
const hasKeys = (keys: ReadonlyArray<KeysHealth>): boolean =>
  (["signer", "issuer"] as const).every((role) => {
    const endpoints = keys.filter((endpoint) => endpoint.of === role)
    return endpoints.length === 0 || endpoints.some(({ isUsable }) => isUsable)
  })

/** 200 or 503, for anybody: what is missing, but no address and no reason. */
export const healthResponse = ({ isReady, keys, policy }: Health): HttpResponse => ({
  status: isReady ? 200 : 503,
  headers: { "content-type": "application/json", ...noStore },
  body: JSON.stringify({
    status: isReady ? "ready" : "not ready",
    keys: hasKeys(keys),
    policy: policy?.isUsable !== false
  })
})
