import { CognitoAuth, type KeyRef, KeySource, Policy, PolicySource, type VerificationKey } from "@cognito-auth/core"
import type { Decision } from "@cognito-auth/core/Decision"
import { makeRoute } from "@cognito-auth/core/Route"
import { attacks } from "@cognito-auth/testing"
import * as Effect from "effect/Effect"
import { TestClock } from "effect/testing"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { runs } from "../../../testing/test/runs.ts"
import { ownForge, unrelatedForge } from "../../../testing/test/sharedForge.ts"

const second = 1_000
const minute = 60 * second
const now = 1_800_000_000_000
const route = makeRoute()

const forge = await ownForge({ now: () => now, albLifetime: "3 minutes", accessLifetime: "10 minutes" })
const otherForge = await unrelatedForge({ now: () => now })
const seconds = (millis: number) => millis / 1000

/** Tokens of two users, with every kind of limit in time, of two keys each; and tokens that must always be refused. */
const older = { alb: forge.keys.alb.current, cognito: forge.keys.cognito.current }
const signedBefore = await Promise.all([
  forge.tokens({ sub: "ada", groups: ["staff"] }),
  forge.tokens({ sub: "ada", groups: ["staff", "leavers"], alb: { claims: { exp: seconds(now + minute) } } }),
  forge.tokens({ sub: "bob", groups: ["platform-admins"], access: { claims: { nbf: seconds(now + minute) } } }),
  forge.tokens({ sub: "bob", groups: [], alb: { header: { exp: seconds(now + 30 * second) } } })
])
await Promise.all([forge.keys.alb.rotate(), forge.keys.cognito.rotate()])
const signedAfter = await Promise.all([
  forge.tokens({ sub: "ada", groups: ["staff"], alb: { claims: { exp: undefined, iss: undefined } } }),
  forge.tokens({ sub: "bob", groups: ["staff"], access: { claims: { exp: seconds(now + 20 * second) } } }),
  forge.tokens({ sub: "bob", groups: ["staff"], access: { signWith: otherForge.keys.cognito.current } }),
  forge.tokens({ sub: "ada", groups: ["staff"], alb: { signWith: otherForge.keys.alb.current } })
])
const all = [...signedBefore, ...signedAfter]
const newer = { alb: forge.keys.alb.current, cognito: forge.keys.cognito.current }

/** What happens while a request waits for its keys. */
interface Wait {
  readonly millis: number
  readonly change: KeyChange | undefined
}

interface KeyChange {
  readonly which: "older" | "newer"
  readonly become: "withdrawn" | "fetched again" | "replaced"
}

type Step =
  | {
      readonly does: "request"
      readonly data: number
      readonly access: number
      readonly identity: string | undefined
      readonly waits: Wait | undefined
    }
  | { readonly does: "wait"; readonly millis: number }
  | ({ readonly does: "keys" } & KeyChange)
  | { readonly does: "policy"; readonly policy: number }

const policies = [
  Policy.anyUser,
  Policy.fromLists({ allowedGroups: ["staff"] }),
  Policy.fromLists({ allowedUsers: ["nobody@example.com"], adminGroups: ["leavers"] }),
  Policy.make(Policy.not(Policy.groups(["leavers"])))
]

const index = fc.nat({ max: all.length - 1 })
const request = fc.oneof(
  // Nearly always two tokens that belong together, and few of them, so that they come again.
  { weight: 4, arbitrary: index.map((one) => ({ data: one, access: one })) },
  { weight: 1, arbitrary: fc.record({ data: index, access: index }) }
)
const keyChange: fc.Arbitrary<KeyChange> = fc.record({
  which: fc.constantFrom("older" as const, "newer" as const),
  become: fc.constantFrom("withdrawn" as const, "fetched again" as const, "replaced" as const)
})
const wait: fc.Arbitrary<Wait> = fc.record({
  millis: fc.constantFrom(0, 1, 5_000, 25_000, 60_000, 65_000, 300_000),
  change: fc.option(keyChange, { nil: undefined })
})
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(request, fc.constantFrom(undefined, "ada", "bob", "eve"), fc.boolean(), fc.option(wait, { nil: undefined, freq: 4 }))
      .map(([tokens, identity, isTheirs, waits]) => ({
        does: "request" as const,
        ...tokens,
        identity: isTheirs ? all[tokens.data]?.identity : identity,
        waits
      }))
  },
  {
    weight: 2,
    arbitrary: fc
      .oneof(
        fc.constantFrom(1, 5_000, 19_999, 24_999, 25_000, 35_000, 59_999, 65_000, 300_000, -1, -30_000, -299_999),
        fc.integer({ min: -minute, max: 5 * minute })
      )
      .map((millis) => ({ does: "wait" as const, millis }))
  },
  {
    weight: 1,
    arbitrary: keyChange.map((change) => ({ does: "keys" as const, ...change }))
  },
  { weight: 2, arbitrary: fc.nat({ max: policies.length - 1 }).map((policy) => ({ does: "policy" as const, policy })) }
)

/** Keys and a policy that change under the services that use them. */
const makeWorld = () => {
  const { settings } = CognitoAuth.make(forge.settings().options)
  const albSource = settings.signers.get(forge.albArn) ?? ""
  const cognitoSource = settings.issuers.get(forge.issuer) ?? ""
  const held = new Map<string, VerificationKey>()
  const nameOf = ({ source, kid }: KeyRef) => `${source} ${kid}`
  const become = (which: "older" | "newer", what: "withdrawn" | "fetched again" | "replaced") => {
    const pair = which === "older" ? older : newer
    for (const [source, key, other] of [
      [albSource, pair.alb, otherForge.keys.alb.current],
      [cognitoSource, pair.cognito, otherForge.keys.cognito.current]
    ] as const) {
      const name = nameOf({ source, kid: key.kid })
      const { publicKey } = what === "replaced" ? other : key
      if (what === "withdrawn") held.delete(name)
      else held.set(name, { kid: key.kid, algorithm: key.algorithm, key: publicKey })
    }
  }
  become("older", "fetched again")
  become("newer", "fetched again")
  let policy = Policy.anyUser
  let waits: (Wait & { readonly until: number }) | undefined
  const keySource = KeySource.of({
    peek: (ref) => (waits === undefined ? held.get(nameOf(ref)) : undefined),
    find: (ref) =>
      Effect.gen(function* () {
        if (waits !== undefined) yield* TestClock.setTime(waits.until)
        if (waits?.change !== undefined) become(waits.change.which, waits.change.become)
        return held.get(nameOf(ref))
      }),
    preload: Effect.void
  })
  const policySource = PolicySource.of({
    peek: () => policy,
    current: Effect.sync(() => policy),
    reload: Effect.void,
    watch: Effect.void
  })
  return {
    become,
    setWait: (given: Wait | undefined, at: number) => {
      waits = given === undefined ? undefined : { ...given, until: at + given.millis }
    },
    setPolicy: (index: number) => {
      policy = policies[index] ?? policy
    },
    options: { ...forge.settings().options, keySource, policy: policySource }
  }
}

const decide = async (auth: CognitoAuth["Service"], headers: Record<string, string>, at: number): Promise<Decision> => {
  const decision = auth.decideNow({ method: "GET", target: "/", headers }, route, at)
  if (!Effect.isEffect(decision)) return decision
  return Effect.runPromise(TestClock.setTime(at).pipe(Effect.andThen(decision), Effect.provide(TestClock.layer())))
}

/** Everything that a request gets, and that its app sees of the user. */
const shown = (decision: Decision) => {
  if (decision._tag !== "Admit") return { ...decision, error: { ...decision.error, message: decision.error.message } }
  const { user } = decision
  return {
    ...decision,
    user: { sub: user?.sub, groups: user?.groups, isAdmin: user?.isAdmin, oidc: user?.oidcClaims, access: user?.accessClaims }
  }
}

describe("the cache of verified tokens", () => {
  it("∀ tokens, times, key changes, waits for keys and policy reloads: the decision is the one without the cache", async () => {
    const seen = new Map<string, number>()
    // Each outcome at least once, however few the runs: every pair of tokens, twice, under each policy; then without the older keys.
    const visits = (policy: number): ReadonlyArray<Step> => [
      { does: "policy", policy },
      ...[...all, ...all].map(({ identity }, at): Step => {
        const pair = at % all.length
        return { does: "request", data: pair, access: pair, identity, waits: undefined }
      })
    ]
    const every: Array<Step> = [
      ...policies.flatMap((_, policy) => visits(policy)),
      { does: "request", data: 0, access: 2, identity: undefined, waits: undefined },
      { does: "keys", which: "older", become: "withdrawn" },
      ...visits(0),
      { does: "wait", millis: 5 * minute },
      ...visits(0)
    ]
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), fc.integer({ min: 1, max: 8 }), async (steps, maxEntries) => {
        const world = makeWorld()
        // Any of the policies is the first: refusals by policy are not left to the rare step.
        world.setPolicy(maxEntries % policies.length)
        const cached = CognitoAuth.make({ ...world.options, tokenCache: { maxEntries } })
        const uncached = CognitoAuth.make({ ...world.options, tokenCache: false })
        let at = now
        for (const each of steps) {
          if (each.does === "wait") at += each.millis
          else if (each.does === "keys") world.become(each.which, each.become)
          else if (each.does === "policy") world.setPolicy(each.policy)
          else {
            const headers: Record<string, string> = {
              "x-amzn-oidc-data": all[each.data]?.data ?? "",
              "x-amzn-oidc-accesstoken": all[each.access]?.accessToken ?? "",
              ...(each.identity === undefined ? {} : { "x-amzn-oidc-identity": each.identity })
            }
            world.setWait(each.waits, at)
            const decision = await decide(cached, headers, at)
            expect(shown(decision)).toEqual(shown(await decide(uncached, headers, at)))
            at += each.waits?.millis ?? 0
            const kind = decision._tag === "Admit" ? "Admit" : decision.error._tag
            seen.set(kind, (seen.get(kind) ?? 0) + 1)
          }
        }
      }),
      { examples: [[every, 8]], numRuns: 1 + runs(250) }
    )
    // The runs met what they are about.
    const expected = ["Admit", "TokenExpired", "TokenNotYetValid", "KeyUnknown", "SignatureInvalid", "SubjectMismatch", "NotAuthorised"]
    expect(expected.filter((kind) => (seen.get(kind) ?? 0) < runs(250) / 50)).toEqual([])
  })

  it("∀ attack on cached headers: refused as without the cache", async () => {
    const live = forge.with({ now: () => now })
    const options = { ...live.settings().options, keySource: live.keySource() }
    const cached = CognitoAuth.make(options)
    const uncached = CognitoAuth.make({ ...options, tokenCache: false })
    const genuine = await live.headers({ sub: "ada" })
    for (let visit = 0; visit < 3; visit++) expect((await decide(cached, genuine, now))._tag).toBe("Admit")
    for (const [name, attack] of Object.entries(attacks)) {
      const headers = (await attack.headers(live)) as Record<string, string>
      for (let visit = 0; visit < 2; visit++) {
        const decision = await decide(cached, headers, now)
        expect(decision._tag, name).not.toBe("Admit")
        expect(shown(decision), name).toEqual(shown(await decide(uncached, headers, now)))
      }
    }
  })
})
