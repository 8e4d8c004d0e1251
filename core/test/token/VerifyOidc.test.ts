import { describe } from "vitest"
import { ignoring, verifying } from "../oidcForges.ts"
import { describeVerifier } from "./describeVerifier.ts"

const forges = [
  ["an access token that is ignored", await ignoring()],
  ["an access token that is verified", await verifying()]
] as const

// All that holds of Cognito's tokens (Verify.test.ts, CachedVerifier.test.ts), of any provider's.
for (const [what, forge] of forges) {
  describe(`with ${what}`, () => {
    describe("without a cache", () => describeVerifier(false, forge))
    describe("with a cache", () => describeVerifier(undefined, forge))
  })
}
