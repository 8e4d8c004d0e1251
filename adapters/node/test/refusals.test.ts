import { randomUUID } from "node:crypto"
import { type AuthErrorTag, httpMeaning, PolicySource } from "@cognito-auth/core"
import { type AdapterOptions, Policy } from "@cognito-auth/node"
import type { ForgedHeaders, KeyServer, SettingsPolicy } from "@cognito-auth/testing"
import * as Effect from "effect/Effect"
import { describe, expect, it } from "vitest"
import { recordCrashes } from "../../../testing/test/record.ts"
import { sharedForge, unrelatedForge } from "../../../testing/test/sharedForge.ts"
import { startApp } from "./app.ts"
import { ask, type HeaderLines, toLines } from "./rawHttp.ts"

const forge = await sharedForge()
const otherForge = await unrelatedForge()

// None of these names occurs in a message by chance.
const user = {
  sub: randomUUID(),
  username: "grace-of-the-navy",
  email: "grace.hopper@navy.example",
  name: "Grace Brewster Hopper",
  givenName: "Gräce",
  familyName: "Höpper",
  groups: ["cobol-compilers"]
}
const yesterday = () => Date.now() - 86_400_000
const data = "x-amzn-oidc-data"
const accessToken = "x-amzn-oidc-accesstoken"
const identity = "x-amzn-oidc-identity"

interface Case {
  readonly error: AuthErrorTag
  readonly why: string
  readonly header?: string
  readonly check?: string
  readonly method?: string
  readonly target?: string
  readonly sent: () => Promise<ForgedHeaders | HeaderLines>
  readonly policy?: SettingsPolicy
  readonly options?: AdapterOptions
  readonly keys?: (keys: KeyServer) => Promise<void>
}

const forged = (...args: Parameters<typeof forge.tokens>) => {
  const [forgery = {}] = args
  return () => forge.headers({ ...user, ...forgery })
}
const without = (name: string) => async (): Promise<HeaderLines> => toLines(await forge.headers(user)).filter(([each]) => each !== name)
const replaced = (name: string, value: string) => async (): Promise<HeaderLines> =>
  toLines(await forge.headers(user)).map((line) => (line[0] === name ? [name, value] : line))
const twice = (name: string) => async (): Promise<HeaderLines> =>
  toLines(await forge.headers(user)).flatMap((line) => (line[0] === name ? [line, line] : [line]))

const cases: ReadonlyArray<Case> = [
  { error: "TargetInvalid", why: "a raw # in the target", target: "/private#x", sent: forged() },
  { error: "TargetTooLong", why: "a target of more than 16 KiB", target: `/${"x".repeat(16_384)}`, sent: forged() },
  { error: "HeaderMissing", why: "no headers at all", header: data, check: "presence", sent: async () => [] },
  { error: "HeaderMissing", why: "no ALB token", header: data, check: "presence", sent: without(data) },
  { error: "HeaderMissing", why: "no access token", header: accessToken, check: "presence", sent: without(accessToken) },
  { error: "HeaderMissing", why: "an empty ALB token", header: data, check: "presence", sent: replaced(data, "") },
  { error: "HeaderMissing", why: "an access token of spaces", header: accessToken, check: "presence", sent: replaced(accessToken, "   ") },
  { error: "HeaderInvalid", why: "the ALB token twice", header: data, check: "header", sent: twice(data) },
  { error: "HeaderInvalid", why: "the access token twice", header: accessToken, check: "header", sent: twice(accessToken) },
  { error: "HeaderInvalid", why: "the identity twice", header: identity, check: "header", sent: twice(identity) },
  { error: "TokenMalformed", why: "no JWS", header: data, check: "form", sent: replaced(data, "nonsense") },
  {
    error: "TokenMalformed",
    why: "a kid that is a path",
    header: data,
    check: "kid",
    sent: forged({ alb: { header: { kid: "../../evil" } } })
  },
  {
    error: "TokenMalformed",
    why: "a name twice in the JOSE header",
    header: accessToken,
    check: "JOSE header",
    sent: forged({ access: { header: '{"alg":"RS256","alg":"RS256","kid":"k"}' } })
  },
  { error: "AlgorithmRefused", why: "alg none", header: data, check: "alg", sent: forged({ alb: { header: { alg: "none" } } }) },
  {
    error: "AlgorithmRefused",
    why: "HS256 where RS256 belongs",
    header: accessToken,
    check: "alg",
    sent: forged({ access: { header: { alg: "HS256" } } })
  },
  { error: "AlgorithmRefused", why: "a crit extension", header: data, check: "crit", sent: forged({ alb: { header: { crit: ["exp"] } } }) },
  {
    error: "SignerRefused",
    why: "another account's ALB, with the same keys",
    header: data,
    check: "signer",
    sent: () =>
      forge.with({ albArn: "arn:aws:elasticloadbalancing:eu-west-2:999999999999:loadbalancer/app/evil/50dc6c495c0c9188" }).headers(user)
  },
  {
    error: "ClientRefused",
    why: "another client in the ALB token",
    header: data,
    check: "client",
    sent: forged({ alb: { header: { client: "another" } } })
  },
  {
    error: "ClientRefused",
    why: "another client in the access token",
    header: accessToken,
    check: "client_id",
    sent: forged({ access: { claims: { client_id: "another" } } })
  },
  {
    error: "IssuerRefused",
    why: "another pool",
    header: data,
    check: "iss",
    sent: () => forge.with({ userPoolId: "eu-west-2_Evil00000" }).headers(user)
  },
  {
    error: "IssuerRefused",
    why: "another pool in the access token",
    header: accessToken,
    check: "iss",
    sent: forged({ access: { claims: { iss: "https://evil.example" } } })
  },
  {
    error: "KeyUnknown",
    why: "an ALB key that does not exist",
    header: data,
    check: "kid",
    sent: forged({ alb: { header: { kid: randomUUID() } } })
  },
  {
    error: "KeyUnknown",
    why: "a pool key that does not exist",
    header: accessToken,
    check: "kid",
    sent: forged({ access: { header: { kid: "no-such-key" } } })
  },
  {
    error: "SignatureInvalid",
    why: "an ALB token signed with another's key",
    header: data,
    check: "signature",
    sent: forged({ alb: { signWith: otherForge.keys.alb.current } })
  },
  {
    error: "SignatureInvalid",
    why: "an access token signed with another's key",
    header: accessToken,
    check: "signature",
    sent: forged({ access: { signWith: otherForge.keys.cognito.current } })
  },
  {
    error: "TokenExpired",
    why: "yesterday's sign-in",
    header: data,
    check: "exp",
    sent: () => forge.with({ now: yesterday }).headers(user)
  },
  {
    error: "TokenExpired",
    why: "yesterday's access token",
    header: accessToken,
    check: "exp",
    sent: forged({ access: { claims: { exp: yesterday() / 1000 } } })
  },
  {
    error: "TokenNotYetValid",
    why: "tomorrow's access token",
    header: accessToken,
    check: "nbf",
    sent: forged({ access: { claims: { nbf: Date.now() / 1000 + 86_400 } } })
  },
  {
    error: "TokenUseRefused",
    why: "an ID token",
    header: accessToken,
    check: "token_use",
    sent: forged({ access: { claims: { token_use: "id" } } })
  },
  {
    error: "SubjectMismatch",
    why: "another user's access token",
    header: accessToken,
    check: "sub",
    sent: forged({ access: { claims: { sub: randomUUID() } } })
  },
  { error: "SubjectMismatch", why: "another user's identity", header: identity, check: "sub", sent: forged({ identity: randomUUID() }) },
  {
    error: "CrossOriginRefused",
    why: "a form on another site",
    method: "POST",
    sent: async () => [...toLines(await forge.headers(user)), ["sec-fetch-site", "cross-site"]]
  },
  { error: "NotAuthorised", why: "a group that is not allowed", sent: forged(), policy: { allowedGroups: ["staff"] } },
  {
    error: "NotAuthorised",
    why: "an e-mail that is not verified",
    sent: forged({ emailVerified: false }),
    policy: { allowedUsers: [user.email] }
  },
  { error: "KeySourceUnavailable", why: "both key endpoints down", sent: forged(), keys: (keys) => keys.misbehave("down") },
  {
    error: "KeySourceUnavailable",
    why: "the pool's keys down",
    sent: forged(),
    keys: (keys) => keys.misbehave("500", { only: "cognito" })
  },
  {
    error: "PolicyUnavailable",
    why: "no policy was ever loaded",
    sent: forged(),
    options: { policy: PolicySource.document({ name: "a document", read: () => Promise.reject(new Error("down")) }) }
  },
  {
    error: "PolicyUnavailable",
    why: "a rule that throws",
    sent: forged(),
    options: {
      policy: {
        ...Policy.anyUser,
        evaluate: () => {
          throw new Error(user.email)
        }
      }
    }
  },
  {
    error: "PolicyUnavailable",
    why: "a policy source that throws",
    sent: forged(),
    options: {
      policy: PolicySource.of({
        peek: () => {
          throw new Error(user.email)
        },
        current: Effect.die(new Error(user.email)),
        reload: Effect.void,
        watch: Effect.void
      })
    }
  }
]

const toHeaderLines = (sent: ForgedHeaders | HeaderLines): HeaderLines =>
  Symbol.iterator in sent ? (sent as HeaderLines) : toLines(sent as ForgedHeaders)

/** Every string that must not leave the app: the tokens, their parts, and the user's claims. */
const secretsOf = (lines: HeaderLines): ReadonlyArray<string> => {
  const values = lines.map(([, value]) => value.trim()).filter((value) => value !== "" && value !== "nonsense")
  const segments = values.flatMap((value) => value.split(".")).filter((segment) => segment.length >= 16)
  return [
    ...values,
    ...segments,
    user.sub,
    user.username,
    user.email,
    "navy.example",
    user.name,
    user.givenName,
    user.familyName,
    ...user.groups
  ]
}

describe("a refusal over HTTP", () => {
  it.each(cases)(
    "$error: $why",
    async ({ error, header, check, method = "GET", target = "/private", sent, policy = {}, options = {}, keys = async () => {} }) => {
      const app = await startApp(forge, { policy, options: { ...options, keys: { preload: false, timeout: "30 seconds" } } })
      await keys(app.keys)
      const lines = toHeaderLines(await sent())

      const answer = await ask(app.port, { method, target, headers: lines })

      const { status, title } = httpMeaning[error]
      const evidence = header === undefined ? {} : { header, check }
      expect(JSON.parse(answer.body)).toEqual({ type: "about:blank", title, status, error, ...evidence })
      expect(answer.status).toBe(status)
      expect(answer.headers.get("content-type")).toBe("application/problem+json")
      expect(answer.headers.get("cache-control")).toBe("no-store")
      expect(answer.headers.get("www-authenticate")).toBe(status === 401 ? 'Bearer error="invalid_token"' : undefined)
      expect(answer.headers.get("retry-after")).toEqual(status === 503 ? expect.stringMatching(/^[1-9]\d*$/) : undefined)
      expect(answer.headers.get("location")).toBeUndefined()
      expect(app.served).toEqual([])

      expect(app.log()).toContain(`cognito-auth: ${error}: `)
      for (const secret of secretsOf(lines)) {
        expect(answer.text).not.toContain(secret)
        expect(app.log()).not.toContain(secret)
      }
    }
  )

  it("is reached in every way that the table of errors has", () => {
    expect(new Set(cases.map(({ error }) => error))).toEqual(new Set(Object.keys(httpMeaning)))
  })

  it("tells observe of the refusal, with the check that failed, and of nothing of the user but the sub", async () => {
    const refusals: Array<unknown> = []
    const app = await startApp(forge, { options: { logger: false, observe: (event) => event._tag === "Refused" && refusals.push(event) } })
    const lines = toLines(await forge.headers({ ...user, access: { claims: { token_use: "id" } } }))
    await ask(app.port, { headers: lines })
    expect(refusals).toEqual([
      expect.objectContaining({ error: "TokenUseRefused", header: accessToken, check: "token_use", status: 401, framework: "node" })
    ])
    expect(app.log()).toBe("")
    for (const secret of secretsOf(lines)) expect(JSON.stringify(refusals)).not.toContain(secret)
  })

  it.each([
    [
      "throws",
      () => {
        throw new Error("broken")
      }
    ],
    [
      "rejects",
      async () => {
        throw new Error("broken")
      }
    ]
  ])("is sent though observe %s", async (_how, observe) => {
    const crashes = recordCrashes()
    const app = await startApp(forge, { options: { observe } })
    expect((await ask(app.port, {})).status).toBe(401)
    expect((await ask(app.port, { headers: toLines(await forge.headers()) })).status).toBe(200)
    expect(app.log()).toContain("observe")
    expect(crashes).toEqual([])
  })

  it("fills no log: a hundred refusals of one kind are one line", async () => {
    const app = await startApp(forge)
    await Promise.all(Array.from({ length: 100 }, () => ask(app.port, {})))
    expect(app.log().match(/HeaderMissing/g)).toHaveLength(1)
  })
})
