import { CognitoAuth, KeySource, Policy, type User, type VerificationKey } from "@cognito-auth/core"
import { urlsOf } from "@cognito-auth/core/configuredKeys"
import type { Decision } from "@cognito-auth/core/Decision"
import { readTokens } from "@cognito-auth/core/Headers"
import type { HeaderFields } from "@cognito-auth/core/Request"
import { makeRoute } from "@cognito-auth/core/Route"
import { attacksOn } from "@cognito-auth/testing"
import * as Effect from "effect/Effect"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { scalarValue } from "../../../testing/src/arbitraries/scalarValue.ts"
import { runs } from "../../../testing/test/runs.ts"
import { unrelatedForge } from "../../../testing/test/sharedForge.ts"
import { ignoring, verifying } from "../oidcForges.ts"
import { successOf } from "../outcome.ts"
import { answerOf } from "../verdictOf.ts"

const now = 1_800_000_000_000
const route = makeRoute()
const claim = "https://example.com/roles"
const [ignored, verified] = await Promise.all([ignoring({ now: () => now }), verifying({ now: () => now })])

const start = (forge: typeof ignored, tokenCache?: false) =>
  CognitoAuth.make({ ...forge.settings().options, keySource: forge.keySource(), tokenCache, platformAdminGroups: ["root"] })

const decide = (auth: CognitoAuth["Service"], headers: HeaderFields, at = now): Promise<Decision> =>
  Effect.runPromise(
    Effect.suspend(() => {
      const decision = auth.decideNow({ method: "GET", target: "/", headers }, route, at)
      return Effect.isEffect(decision) ? decision : Effect.succeed(decision)
    })
  )

const outcomeOf = (decision: Decision) =>
  decision._tag === "Admit"
    ? {
        sub: decision.user?.sub,
        groups: decision.user?.groups,
        exp: decision.user?.expiresAt.getTime(),
        access: { ...decision.user?.accessClaims }
      }
    : { error: decision.error._tag, evidence: "header" in decision.error ? [decision.error.header, decision.error.check] : [] }

const genuine = await ignored.headers({ groups: ["staff"] })
const ofVerified = (await verified.headers({ groups: ["root"] }))["x-amzn-oidc-accesstoken"] ?? ""

const otherKeys = (await unrelatedForge()).keys

/** What may stand in the access token's header: rubbish, JWTs of anything, far too much, lists, nothing. */
const accessTokens = fc.oneof(
  fc.string({ unit: scalarValue }),
  fc.constantFrom("", ",", "a.b.c", "..", "admin", ofVerified, `${ofVerified}, ${ofVerified}`, genuine["x-amzn-oidc-data"] ?? ""),
  fc.string({ minLength: 1 }).map((unit) => unit.repeat(20_000)),
  fc.array(fc.string(), { maxLength: 3 }),
  fc.array(fc.constant(ofVerified), { maxLength: 3 }),
  fc.anything()
)
const withAccess = (headers: Readonly<Record<string, unknown>>, access: unknown, name = "x-amzn-oidc-accesstoken"): HeaderFields => {
  const { "x-amzn-oidc-accesstoken": _, ...rest } = headers
  return { ...rest, [name]: access } as HeaderFields
}

describe("an access token that is ignored", () => {
  const services = [start(ignored), start(ignored, false)]

  it("∀ anything in its header: the same user, and nothing of it is in it", async () => {
    const names = fc.constantFrom("x-amzn-oidc-accesstoken", "X-Amzn-Oidc-Accesstoken")
    await fc.assert(
      fc.asyncProperty(accessTokens, names, async (access, name) => {
        for (const auth of services) {
          expect(outcomeOf(await decide(auth, withAccess(genuine, access, name)))).toEqual({
            sub: genuine["x-amzn-oidc-identity"],
            groups: ["staff"],
            exp: now + 120_000,
            access: {}
          })
        }
      }),
      { numRuns: runs(300) }
    )
  })

  it("∀ anything in its header and ∀ attack on the load balancer's token: refused, and for the same reason", async () => {
    await fc.assert(
      fc.asyncProperty(accessTokens, fc.constantFrom(...attacksOn(ignored)), async (access, attack) => {
        const attacked = await attack.headers(ignored, { groups: ["staff"] })
        for (const auth of services) {
          const outcome = outcomeOf(await decide(auth, withAccess(attacked, access)))
          expect(outcome).toEqual(outcomeOf(await decide(auth, attacked)))
          expect(outcome.error).toBe(attack.error)
          expect(outcome.evidence).not.toContain("x-amzn-oidc-accesstoken")
        }
      }),
      { numRuns: runs(200) }
    )
  })

  it("is never looked at: not even a value that cannot be touched is noticed, and nothing is handed on", async () => {
    const touched = () => {
      throw new Error("the access token was looked at")
    }
    const untouchable = new Proxy(
      {},
      { get: touched, has: touched, ownKeys: touched, getPrototypeOf: touched, getOwnPropertyDescriptor: touched }
    )
    for (const auth of services) {
      expect(outcomeOf(await decide(auth, withAccess(genuine, untouchable)))).toMatchObject({ sub: genuine["x-amzn-oidc-identity"] })
    }
    const rules = { ignoresAccessToken: true, subMayHoldComma: true }
    expect(successOf(readTokens(withAccess(genuine, ofVerified), rules)).accessToken).toBeUndefined()
  })

  it("does not stand in for the load balancer's token", async () => {
    for (const auth of services) {
      for (const headers of [{ "x-amzn-oidc-accesstoken": genuine["x-amzn-oidc-data"] ?? "" }, withAccess({}, ofVerified)]) {
        expect(outcomeOf(await decide(auth, headers))).toMatchObject({ error: "HeaderMissing" })
      }
    }
  })
})

const userOf = async (claims: Readonly<Record<string, unknown>>): Promise<User> => {
  const decision = await decide(start(ignored), await ignored.headers({ alb: { claims } }))
  if (decision._tag !== "Admit" || decision.user === undefined) throw new Error("expected a user")
  return decision.user
}

describe("the groups claim", () => {
  const listOfStrings = fc.array(fc.string(), { maxLength: 4 })
  const values = fc.oneof(fc.jsonValue(), listOfStrings, fc.array(fc.oneof(fc.string(), fc.jsonValue()), { maxLength: 3 }), fc.string())

  it("∀ JSON: known only as a list of strings, and then exactly those", async () => {
    await fc.assert(
      fc.asyncProperty(values, async (value) => {
        const isList = Array.isArray(value) && value.every((each) => typeof each === "string")
        const user = await userOf({ [claim]: value })
        expect([user.hasKnownGroups, user.groups]).toEqual([isList, isList ? value : []])
      }),
      { numRuns: runs(200) }
    )
  })

  it("∀ name: only the claim of exactly that name counts, and none of the access token", async () => {
    const names = fc.oneof(
      fc.constantFrom("groups", "roles", "cognito:groups", "__proto__", `${claim}/`, claim.toUpperCase(), "com/roles"),
      fc.string()
    )
    await fc.assert(
      fc.asyncProperty(names, async (name) => {
        fc.pre(name !== claim && !["sub", "iss", "exp"].includes(name))
        const user = await userOf(JSON.parse(`{${JSON.stringify(name)}: ["root"], ${JSON.stringify(claim)}: null}`))
        expect([user.hasKnownGroups, user.isIn("root"), user.isAdmin]).toEqual([false, false, false])
      }),
      { numRuns: runs(100) }
    )
    const auth = start(verified)
    const headers = await verified.headers({ groups: undefined, access: { claims: { groups: ["root"], "cognito:groups": ["root"] } } })
    expect(outcomeOf(await decide(auth, headers))).toMatchObject({ groups: [] })
  })

  it("∀ rule, not included: none passes by groups or an e-mail that are not known", async () => {
    const leaf = fc.constantFrom(
      Policy.groups(["staff"]),
      Policy.groups(["root"]),
      Policy.users(["ada@example.com"]),
      Policy.domains(["example.com"])
    )
    const { rule } = fc.letrec((tie) => ({
      rule: fc.oneof(
        { maxDepth: 4 },
        leaf,
        fc.record({ of: tie("rule") }).map(({ of }) => Policy.not(of as Policy.Rule)),
        fc.array(tie("rule"), { minLength: 1, maxLength: 3 }).map((of) => Policy.anyOf(...(of as Array<Policy.Rule>))),
        fc.array(tie("rule"), { minLength: 1, maxLength: 3 }).map((of) => Policy.allOf(...(of as Array<Policy.Rule>)))
      )
    }))
    const unknown = [
      await userOf({ [claim]: undefined, email_verified: undefined }),
      await userOf({ [claim]: "staff", email: undefined }),
      await userOf({ [claim]: ["staff", 1], email_verified: "yes" })
    ]
    fc.assert(
      fc.property(rule as fc.Arbitrary<Policy.Rule>, (any) => {
        for (const user of unknown) expect(answerOf(any, user)).toBe("cannot tell")
      }),
      { numRuns: runs(300) }
    )
  })
})

describe("the plain header", () => {
  it("∀ sub, with commas in it too: the user's own passes, once, and no other", async () => {
    const sub = fc.stringMatching(/^[ -~]{1,40}$/).filter((text) => text.trim() === text)
    const auth = start(ignored)
    await fc.assert(
      fc.asyncProperty(fc.oneof(sub, fc.constant("CN=Ada,OU=People,DC=example")), sub, async (own, other) => {
        fc.pre(own !== other)
        const headers = await ignored.headers({ sub: own })
        expect(outcomeOf(await decide(auth, headers))).toMatchObject({ sub: own })
        for (const identity of [other, `${own}, ${own}`, [own, own], `${own},${other}`]) {
          const decision = await decide(auth, { ...headers, "x-amzn-oidc-identity": identity } as HeaderFields)
          expect(decision).toMatchObject({ status: 401, error: { header: "x-amzn-oidc-identity" } })
        }
      }),
      { numRuns: runs(100) }
    )
  })
})

describe("the cache", () => {
  /** Tokens of two users and two keys, with every kind of limit in time, and some that are to be refused whatever happens. */
  const tokensOf = async (forge: typeof ignored) => {
    const exp = now / 1000 + 30
    return Promise.all([
      forge.headers({ sub: "ada" }),
      forge.headers({ sub: "ada", groups: ["staff"] }),
      forge.headers({ sub: "ada", alb: { claims: { exp } } }),
      forge.headers({ sub: "bob", alb: { header: { exp } } }),
      forge.headers({ sub: "bob", access: { claims: { nbf: exp } } }),
      forge.headers({ sub: "bob", access: { claims: { aud: "other" } } }),
      forge.headers({ sub: "bob", alb: { signWith: () => new Uint8Array(64).fill(1) } })
    ])
  }

  it.each([
    ["ignored", ignored],
    ["verified", verified]
  ] as const)("∀ requests, times and keys, with an access token that is %s: decides as without it", async (_, forge) => {
    const all = await tokensOf(forge)
    const index = fc.nat({ max: all.length - 1 })
    const step = fc.record({
      data: index,
      access: fc.option(index, { nil: undefined, freq: 2 }),
      identity: fc.constantFrom("ada", "bob", undefined),
      wait: fc.constantFrom(0, 0, 0, 1_000, 34_999, 65_000, 300_000, -1_000),
      keys: fc.option(fc.constantFrom("withdrawn" as const, "fetched again" as const, "others" as const), { nil: undefined, freq: 6 })
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 25 }), async (steps) => {
        const { options } = forge.settings()
        const { settings } = CognitoAuth.make(options)
        const held = new Map<string, VerificationKey>()
        const put = (become: "withdrawn" | "fetched again" | "others") => {
          const rings = [
            [urlsOf(settings.signers), forge.keys.alb.current],
            [urlsOf(settings.issuers), forge.keys.cognito.current]
          ] as const
          for (const [[source], { kid, algorithm, publicKey }] of rings) {
            if (source === undefined) continue
            const other = (algorithm === "ES256" ? otherKeys.alb : otherKeys.cognito).current.publicKey
            if (become === "withdrawn") held.delete(`${source} ${kid}`)
            else held.set(`${source} ${kid}`, { kid, algorithm, key: become === "others" ? other : publicKey })
          }
        }
        put("fetched again")
        const peek: KeySource["Service"]["peek"] = ({ source, kid }) => held.get(`${source} ${kid}`)
        const keySource = KeySource.of({ peek, find: (ref) => Effect.sync(() => peek(ref, 0)), preload: Effect.void })
        const [cached, uncached] = [
          CognitoAuth.make({ ...options, keySource }),
          CognitoAuth.make({ ...options, keySource, tokenCache: false })
        ]
        let at = now
        for (const { data, access, identity, wait, keys } of steps) {
          at += wait
          if (keys !== undefined) put(keys)
          const headers = {
            "x-amzn-oidc-data": all[data]?.["x-amzn-oidc-data"],
            "x-amzn-oidc-accesstoken": all[access ?? data]?.["x-amzn-oidc-accesstoken"],
            "x-amzn-oidc-identity": identity
          }
          expect(outcomeOf(await decide(cached, headers, at))).toEqual(outcomeOf(await decide(uncached, headers, at)))
        }
      }),
      { numRuns: runs(100) }
    )
  })
})
