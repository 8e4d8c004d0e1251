/** A service that tells how often it has verified a signature, and sessions to ask it for. */
import { CognitoAuth, KeySource, type Options } from "@cognito-auth/core"
import { makeRoute } from "@cognito-auth/core/Route"
import type { ForgedHeaders } from "@cognito-auth/testing"
import { expect } from "vitest"
import { sharedForge } from "../../testing/test/sharedForge.ts"

export const now = 1_800_000_000_000
export const forge = await sharedForge({ now: () => now, albLifetime: "1 hour" })
const route = makeRoute()

/** A service, and how often it has verified a signature: each time, it takes the key out of its wrapping. */
export const start = (tokenCache: Options["tokenCache"] = undefined) => {
  let verifications = 0
  const source = forge.keySource()
  const { albArn, issuer } = forge
  const { settings } = CognitoAuth.make(forge.settings().options)
  const refs = [
    { source: settings.signers.get(albArn) ?? "", kid: forge.keys.alb.current.kid },
    { source: settings.issuers.get(issuer) ?? "", kid: forge.keys.cognito.current.kid }
  ]
  const keySource = KeySource.memory(
    refs.flatMap((ref) => {
      const held = source.peek(ref, now)
      if (held === undefined) return []
      const key = {
        ...held,
        get key() {
          verifications++
          return held.key
        }
      }
      return [{ ...ref, key }]
    })
  )
  const auth = CognitoAuth.make({ ...forge.settings().options, tokenCache, keySource })
  return {
    /** How many signatures a request of these headers takes. */
    cost: (headers: ForgedHeaders, at = now): number => {
      const before = verifications
      expect(auth.decideNow({ method: "GET", target: "/", headers }, route, at)).toMatchObject({ _tag: "Admit" })
      return verifications - before
    }
  }
}

export const sessions = (count: number) =>
  Promise.all(Array.from({ length: count }, (_, index) => forge.headers({ sub: `sub-${index}`, groups: [`group-${index}`] })))
