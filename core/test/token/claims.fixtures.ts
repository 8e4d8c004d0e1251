/** Settings, a load balancer's JOSE header, and wrong values, for the tests of claims. */
import { type Options, Policy } from "@cognito-auth/core"
import type { TokenError } from "@cognito-auth/core/AuthError"
import type { AlbHeader } from "@cognito-auth/core/Claims"
import type { ExpectedProvider } from "@cognito-auth/core/Expected"
import { readSettings, type Settings } from "@cognito-auth/core/Settings"
import type * as Result from "effect/Result"
import { expect } from "vitest"
import { failureOf, successOf, tagOf } from "../outcome.ts"

export const arn = "arn:aws:elasticloadbalancing:eu-west-2:123456789012:loadbalancer/app/my-alb/50dc6c495c0c9188"
export const otherArn = "arn:aws:elasticloadbalancing:eu-west-2:123456789012:loadbalancer/app/other/901e7c495c0c9188"
export const issuer = "https://cognito-idp.eu-west-2.amazonaws.com/eu-west-2_AbC123xyz"
export const otherIssuer = "https://cognito-idp.eu-west-2.amazonaws.com/eu-west-2_Other1"

export const settingsOf = (options: Partial<Options> = {}): Settings =>
  successOf(readSettings({ userPoolId: "eu-west-2_AbC123xyz", clientId: "client-1", albArn: arn, policy: Policy.anyUser, ...options }, {}))
export const settings = settingsOf()
export const many = settingsOf({
  userPoolId: ["eu-west-2_AbC123xyz", "eu-west-2_Other1"],
  clientId: ["client-1", "client-2"],
  albArn: [arn, otherArn]
})

/** The seconds at which everything below expires, and a time before. */
export const exp = 1_700_000_000
export const now = exp * 1000 - 60_000
export const tolerance = 5_000

export const header = { kid: "c2f80c8b-c05c-4068-af14-17299f7896b1", alg: "ES256", iss: issuer, client: "client-1", signer: arn, exp }
export const alb: AlbHeader = {
  key: { source: "https://public-keys.auth.elb.eu-west-2.amazonaws.com", kid: header.kid },
  issuer,
  client: "client-1",
  exp
}

/** A provider whose access token is verified too. */
export const oidc: ExpectedProvider = { _tag: "oidc", groupsClaim: undefined, audience: "api://orders" }

export const not = {
  number: ["1700000000", null, undefined, true, [exp], {}, Number.NaN, Number.POSITIVE_INFINITY],
  text: [undefined, null, 1, true, [], {}]
}

/** Refused the moment the tolerance is over, and not a moment before. */
export const expectExpiry = (check: (nowMillis: number) => Result.Result<unknown, TokenError>) => {
  const end = exp * 1000 + tolerance
  for (const before of [now, exp * 1000, end - 1]) expect(tagOf(check(before))).toBe("ok")
  for (const after of [end, end + 1, end + 86_400_000]) {
    const failure = failureOf(check(after))
    expect(failure).toMatchObject({ _tag: "TokenExpired", check: "exp", expected: "later than now" })
    expect(failure.message).toContain("check this machine's clock")
  }
}
