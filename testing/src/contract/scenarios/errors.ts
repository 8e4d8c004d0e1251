/** Every typed error, over HTTP. */
import assert from "node:assert/strict"
import { randomUUID } from "node:crypto"
import { type AuthErrorTag, Policy } from "@cognito-auth/core"
import type { HeaderForgery } from "../../forge/forgeHeaders.ts"
import { makeAlbKey } from "../../keys/SigningKey.ts"
import type { Variant } from "../describeApp.ts"
import { expectDiscreet, expectPage, expectRefused } from "../expectations.ts"
import { curl, pageLoad } from "../http/clients.ts"
import { cutOff, type Row, toLines } from "../Stage.ts"

interface Failure {
  readonly error: AuthErrorTag
  readonly status: 401 | 403 | 503
  readonly what: string
  readonly forgery: HeaderForgery | (() => Promise<HeaderForgery>)
  readonly variant?: Variant
}

const nowSeconds = () => Math.floor(Date.now() / 1000)
const withPayload = (change: object) => (token: string) => {
  const [head, payload = "", signature] = token.split(".")
  const claims: object = JSON.parse(Buffer.from(payload, "base64url").toString())
  return [head, Buffer.from(JSON.stringify({ ...claims, ...change })).toString("base64url"), signature].join(".")
}
const brokenRule = (): never => {
  throw new Error("a rule of the contract's that always throws")
}
const otherArn = "arn:aws:elasticloadbalancing:eu-west-2:999999999999:loadbalancer/app/another/50dc6c495c0c9188"
const otherIssuer = "https://cognito-idp.eu-west-2.amazonaws.com/eu-west-2_Another99"

/** 401: the tokens say no. */
const refused = (error: AuthErrorTag, what: string, forgery: Failure["forgery"]): Failure => ({ error, status: 401, what, forgery })

const failures: ReadonlyArray<Failure> = [
  refused("HeaderMissing", "no sign-in", { omit: ["data", "accessToken", "identity"] }),
  refused("HeaderMissing", "the load balancer's token missing", { omit: ["data"] }),
  refused("HeaderMissing", "the access token missing", { omit: ["accessToken"] }),
  refused("HeaderInvalid", "a token sent twice", { duplicate: ["data"] }),
  refused("TokenMalformed", "a load balancer's token of two parts", { alb: { afterSigning: (token) => token.replace(/\.[^.]*$/, "") } }),
  refused("TokenMalformed", "an access token that is no token", { access: { afterSigning: () => "let.me.in" } }),
  refused("AlgorithmRefused", "a load balancer's token without a signature", {
    alb: { header: { alg: "none" }, afterSigning: (token) => token.replace(/[^.]*$/, "AAAA") }
  }),
  refused("AlgorithmRefused", "an access token signed with a shared secret", { access: { header: { alg: "HS256" } } }),
  refused("SignerRefused", "a token of another account's load balancer", { alb: { header: { signer: otherArn } } }),
  refused("ClientRefused", "a sign-in to another app", { alb: { header: { client: "another-client" } } }),
  refused("ClientRefused", "an access token for another app", { access: { claims: { client_id: "another-client" } } }),
  refused("IssuerRefused", "a sign-in by another user pool", { alb: { header: { iss: otherIssuer } } }),
  refused("IssuerRefused", "an access token of another user pool", { access: { claims: { iss: otherIssuer } } }),
  refused("KeyUnknown", "a load balancer's key that does not exist", { alb: { header: { kid: randomUUID() } } }),
  refused("KeyUnknown", "a pool's key that does not exist", { access: { header: { kid: "unknown" } } }),
  refused("SignatureInvalid", "a load balancer's token signed with another key", async () => ({
    alb: { signWith: await makeAlbKey() }
  })),
  refused("SignatureInvalid", "groups added to an access token", {
    groups: ["staff"],
    access: { afterSigning: withPayload({ "cognito:groups": ["platform-admins"] }) }
  }),
  refused("TokenExpired", "an old load balancer's token", async () => ({ alb: { header: { exp: nowSeconds() - 60 } } })),
  refused("TokenExpired", "an old access token", async () => ({ access: { claims: { exp: nowSeconds() - 60 } } })),
  refused("TokenNotYetValid", "an access token that is not valid yet", async () => ({ access: { claims: { nbf: nowSeconds() + 60 } } })),
  refused("TokenUseRefused", "an ID token in the access token's place", { access: { claims: { token_use: "id" } } }),
  refused("SubjectMismatch", "two users' tokens together", { access: { claims: { sub: randomUUID() } } }),
  refused("SubjectMismatch", "another user's identity header", { identity: randomUUID() }),
  {
    error: "NotAuthorised",
    status: 403,
    what: "a user whom the policy does not admit",
    forgery: { groups: ["visitors"] },
    variant: { options: { policy: Policy.fromLists({ allowedGroups: ["staff"] }) } }
  },
  {
    error: "PolicyUnavailable",
    status: 503,
    what: "a rule of the policy that fails",
    forgery: { groups: ["staff"] },
    variant: { options: { policy: Policy.make(Policy.rule("whom a broken rule admits", brokenRule)) } }
  },
  {
    error: "KeySourceUnavailable",
    status: 503,
    what: "no keys cached",
    forgery: { groups: ["platform-admins"] },
    variant: { options: { keys: { timeout: "2 seconds" } } }
  }
]

export const errors: ReadonlyArray<Row> = failures.map(
  ({ error, status, what, forgery, variant }): Row => ({
    name: `${what}: ${status} ${error}`,
    part: "requests",
    variant,
    before: error === "KeySourceUnavailable" ? cutOff : undefined,
    play: async ({ ask, forge, refusals }) => {
      const headers = toLines(await forge.headers(typeof forgery === "function" ? await forgery() : forgery))
      const answer = await ask({ target: "/me", headers: [...curl.headers, ...headers] })
      expectRefused(answer, status, error)
      const sent = headers.flatMap(([, value]) => value.split(".")).filter((part) => part.length > 8)
      expectDiscreet(answer, "@", forge.albArn, forge.clientId, forge.issuer, ...sent)
      const page = await ask({ target: "/me", headers: [...pageLoad.headers, ...headers] })
      expectPage(page, status, error)
      expectDiscreet(page, "@example", forge.albArn, forge.clientId, forge.issuer, ...sent)
      assert.deepEqual(
        refusals.map((event) => event.error),
        [error, error],
        "what observe was told of"
      )
    }
  })
)
