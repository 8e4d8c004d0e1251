/** What holds of any request, with a cache around the verifier and without. `runs` says how often each property is tried. */
import { inspect } from "node:util"
import { type AuthError, CognitoAuth, httpMeaning, type Options, type User } from "@cognito-auth/core"
import type { Decision } from "@cognito-auth/core/Decision"
import { verifiesAccessToken } from "@cognito-auth/core/Expected"
import type { HeaderFields } from "@cognito-auth/core/Request"
import { makeRoute } from "@cognito-auth/core/Route"
import { attacksOn, type Forge, type ForgedHeaderLists } from "@cognito-auth/testing"
import { user as anyUser, headerSet, timeBefore, timeFrom } from "@cognito-auth/testing/arbitraries"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { TestClock } from "effect/testing"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { scalarValue } from "../../testing/src/arbitraries/scalarValue.ts"
import { sharedForge } from "../../testing/test/sharedForge.ts"

const nowSeconds = 1_800_000_000
export const nowMillis = nowSeconds * 1000

const cognito = await sharedForge({ now: () => nowMillis })

/** `forge` signs users in at `nowMillis`, with a provider of any kind. */
export const describePipeline = (tokenCache: Options["tokenCache"], runs: (usual: number) => number, forge: Forge = cognito): void => {
  const auth = CognitoAuth.make({
    ...forge.settings().options,
    keySource: forge.keySource(),
    platformAdminGroups: ["platform-admins"],
    tokenCache
  })
  const route = makeRoute()
  const hasAccess = verifiesAccessToken(auth.settings.provider)

  /** The decision at a time: at once where the keys that are named are cached, and else by the Effect that looks for them. */
  const decide = async (headers: HeaderFields, at = nowMillis, by = auth, guarded = route): Promise<Decision> => {
    const request = { method: "GET", target: "/", headers }
    const decision = by.decideNow(request, guarded, at)
    return Effect.isEffect(decision) ? runAt(at, decision) : decision
  }
  const runAt = <A, E>(millis: number, effect: Effect.Effect<A, E>): Promise<A> =>
    Effect.runPromise(TestClock.setTime(millis).pipe(Effect.andThen(effect), Effect.provide(TestClock.layer())))

  const userIn = (decision: Decision): User => {
    if (decision._tag === "Admit" && decision.user !== undefined) return decision.user
    throw new Error(`expected a user, and it was ${decision._tag === "Admit" ? "bypassed" : decision.error._tag}`)
  }
  const errorIn = (decision: Decision): AuthError => {
    if (decision._tag === "Admit") throw new Error("expected a refusal, and it was admitted")
    return decision.error
  }

  const dataHeader = "x-amzn-oidc-data"
  const accessTokenHeader = "x-amzn-oidc-accesstoken"
  const identityHeader = "x-amzn-oidc-identity"

  describe("a signed-in user", () => {
    it("∀ user, forged headers give back that user", async () => {
      await fc.assert(
        fc.asyncProperty(anyUser(), async (forged) => {
          const user = userIn(await decide(await forge.headers(forged)))
          expect({
            sub: user.sub,
            username: user.username,
            email: user.email,
            emailVerified: user.emailVerified,
            name: user.name,
            givenName: user.givenName,
            familyName: user.familyName,
            groups: [...user.groups]
          }).toEqual({
            sub: forged.sub,
            username: forged.username ?? "",
            email: forged.email ?? "",
            emailVerified: forged.emailVerified ?? false,
            name: forged.name ?? "",
            givenName: forged.givenName ?? "",
            familyName: forged.familyName ?? "",
            groups: forged.groups ?? []
          })
          for (const group of forged.groups ?? []) expect(user.isIn(group)).toBe(true)
          expect(user.isPlatformAdmin).toBe(forged.groups?.includes("platform-admins") ?? false)
          expect(user.isAuthenticated).toBe(true)
          expect(user.issuer).toBe(forge.issuer)
          expect(user.expiresAt.getTime()).toBe(nowMillis + (hasAccess ? 3_600_000 : 120_000))
        }),
        { numRuns: runs(250) }
      )
    })

    it("∀ two users, their tokens crossed: refused", async () => {
      await fc.assert(
        fc.asyncProperty(anyUser(), anyUser(), fc.constantFrom("first", "second", "none"), async (first, second, whose) => {
          fc.pre(first.sub !== second.sub)
          const one = await forge.headers(first)
          const other = await forge.headers(second)
          const crossed: Record<string, string | undefined> = { ...one, [accessTokenHeader]: other[accessTokenHeader] }
          crossed[identityHeader] = whose === "none" ? undefined : whose === "first" ? first.sub : second.sub
          if (hasAccess) expect(errorIn(await decide(crossed))._tag).toBe("SubjectMismatch")
          expect(errorIn(await decide({ ...one, [identityHeader]: second.sub }))._tag).toBe("SubjectMismatch")
        }),
        { numRuns: runs(250) }
      )
    })
  })

  if (forge.provider._tag === "cognito") {
    it("∀ two, their tokens crossed: nothing tells them apart, so the one's name goes with the other's groups and end (docs/threat-model.md)", async () => {
      await fc.assert(
        fc.asyncProperty(anyUser(), anyUser(), fc.boolean(), async (first, later, hasIdentity) => {
          const { sub } = first
          const one = await forge.headers(first)
          const other = await forge.headers({ ...later, sub, access: { claims: { exp: Math.floor(nowMillis / 1000) + 60 } } })
          const crossed: Record<string, string | undefined> = { ...one, [accessTokenHeader]: other[accessTokenHeader] }
          if (!hasIdentity) crossed[identityHeader] = undefined
          const user = userIn(await decide(crossed))
          expect([user.sub, user.email, user.groups]).toEqual([sub, first.email ?? "", later.groups ?? []])
          expect(user.expiresAt.getTime()).toBe(nowMillis + 60_000)
        }),
        { numRuns: runs(60) }
      )
    })
  }

  const tokenHeaders = hasAccess ? [dataHeader, accessTokenHeader] : [dataHeader]

  describe("a changed token", () => {
    const base64url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

    /** Every token and header in full, so that the offset says what was changed. */
    const samples = Promise.all([
      forge.headers({ name: "Ada+/=-_", groups: ["admins", "staff"] }),
      forge.headers({ email: undefined, emailVerified: undefined, name: "李小龍" })
    ])

    it.each(tokenHeaders)("is refused wherever one character is another: %s", async (header) => {
      for (const headers of await samples) {
        const token = headers[header] ?? ""
        expect(userIn(await decide(headers)).isAuthenticated).toBe(true)
        const named = new Set<unknown>()
        // Every one; where properties have fewer runs, every so many, which meets each place of base64's four.
        const step = 2 * Math.ceil(100 / runs(200)) - 1
        for (let at = 0; at < token.length; at += step) {
          const other = base64url[(base64url.indexOf(token.charAt(at)) + 1) % 64] ?? ""
          const changed = token.slice(0, at) + other + token.slice(at + 1)
          const error = errorIn(await decide({ ...headers, [header]: changed }))
          named.add("header" in error ? error.header : error)
        }
        expect(named).toEqual(new Set([header]))
      }
    })

    it("∀ single-character change anywhere in either token, header, payload or signature: refused", async () => {
      const character = fc.oneof(
        { weight: 5, arbitrary: fc.constantFrom(...base64url) },
        { weight: 1, arbitrary: fc.constantFrom("=", ".", ",", " ", "+", "/", "\n", "\0", "é") },
        { weight: 1, arbitrary: scalarValue }
      )
      await fc.assert(
        fc.asyncProperty(
          anyUser(),
          fc.constantFrom(...tokenHeaders),
          fc.constantFrom("replace", "insert", "drop"),
          fc.nat(),
          character,
          async (user, header, how, pick, other) => {
            const headers = await forge.headers(user)
            const token = headers[header] ?? ""
            const at = pick % token.length
            const rest = token.slice(how === "insert" ? at : at + 1)
            const changed = token.slice(0, at) + (how === "drop" ? "" : other) + rest
            fc.pre(changed !== token)
            const error = errorIn(await decide({ ...headers, [header]: changed }))
            expect(httpMeaning[error._tag].status).toBe(401)
          }
        ),
        { numRuns: runs(500) }
      )
    })
  })

  describe("time", () => {
    const inForce = (exp: { readonly header: number; readonly payload: number | undefined; readonly access: number }) =>
      forge.headers({
        alb: { header: { exp: exp.header }, claims: { exp: exp.payload } },
        access: { claims: { exp: exp.access } }
      })

    it("∀ time past the first exp + tolerance: refused, any before it: admitted, one second before it too", async () => {
      const seconds = fc.integer({ min: 0, max: 4_000 }).map((more) => nowSeconds + more)
      await fc.assert(
        fc.asyncProperty(
          seconds,
          fc.option(seconds, { nil: undefined }),
          seconds,
          fc.integer({ min: 0, max: 300 }),
          fc.infiniteStream(fc.nat()),
          async (header, payload, access, tolerance, picks) => {
            const tolerant = CognitoAuth.make({
              ...forge.settings().options,
              keySource: forge.keySource(),
              tokenCache,
              clockTolerance: `${tolerance} seconds`
            })
            const headers = await inForce({ header, payload, access })
            const at = (millis: number) => decide(headers, millis, tolerant)
            const end = (Math.min(header, payload ?? header, hasAccess ? access : header) + tolerance) * 1000
            expect((await at(end - 1_000))._tag).toBe("Admit")
            expect((await at(end - 1))._tag).toBe("Admit")
            expect(await at(end)).toMatchObject({ _tag: "Refuse", status: 401, error: { _tag: "TokenExpired" } })
            const pick = picks.next().value ?? 0
            expect(await at(end + pick)).toMatchObject({ error: { _tag: "TokenExpired" } })
            expect((await at(Math.max(0, end - 1 - pick)))._tag).toBe("Admit")
          }
        ),
        { numRuns: runs(250) }
      )
    })

    it("∀ time on either side of the exp of headers as they are sent: admitted before, refused from then on", async () => {
      const headers = await forge.headers()
      const end = nowMillis + 120_000 + 5_000
      await fc.assert(
        fc.asyncProperty(timeBefore(end), timeFrom(end), async (before, after) => {
          expect((await decide(headers, before))._tag).toBe("Admit")
          expect(errorIn(await decide(headers, after))._tag).toBe("TokenExpired")
        }),
        { numRuns: runs(250) }
      )
    })

    if (hasAccess)
      it("∀ time before nbf - tolerance: refused, any after it: admitted", async () => {
        const headers = await forge.headers({ access: { claims: { nbf: nowSeconds } } })
        const start = nowMillis - 5_000
        await fc.assert(
          fc.asyncProperty(timeBefore(start), fc.nat(120_000), async (before, after) => {
            expect(errorIn(await decide(headers, before))._tag).toBe("TokenNotYetValid")
            expect((await decide(headers, start + after))._tag).toBe("Admit")
          }),
          { numRuns: runs(250) }
        )
      })
  })

  describe("any header object", () => {
    it("∀ header object: a decision with a typed error and its status, never a throw", async () => {
      const genuine = await forge.headers()
      const isGenuine = (fields: HeaderFields) =>
        Object.entries(genuine).every(
          ([name, value]) => (fields as Record<string, unknown>)[name] === value || (name === accessTokenHeader && !hasAccess)
        )
      await fc.assert(
        fc.asyncProperty(fc.oneof(headerSet(genuine), headerSet(), fc.anything()), async (any) => {
          const decision = await decide(any as HeaderFields)
          if (decision._tag === "Admit") expect(isGenuine(any as HeaderFields) || decision.user?.sub === genuine[identityHeader]).toBe(true)
          else expect(httpMeaning[decision.error._tag].status).toBe(401)
        }),
        { numRuns: runs(500) }
      )
    })

    it("∀ header object, the Effect agrees with the decision", async () => {
      const genuine = await forge.headers()
      await fc.assert(
        fc.asyncProperty(headerSet(genuine), async (any) => {
          const exit = await runAt(nowMillis, Effect.exit(auth.authenticate(any)))
          const decision = await decide(any)
          expect(Exit.isSuccess(exit)).toBe(decision._tag === "Admit")
          if (Exit.isFailure(exit)) expect(Exit.hasDies(exit) || Exit.hasInterrupts(exit)).toBe(false)
        }),
        { numRuns: runs(250) }
      )
    })
  })

  /** Every form in which an error, or its response, can be shown. */
  const shownBy = (error: AuthError, decision: Decision): string =>
    [
      error.message,
      error.stack,
      String(error),
      JSON.stringify(error),
      inspect(error, { depth: 10, showHidden: true, getters: true }),
      JSON.stringify(decision),
      inspect(decision, { depth: 10 })
    ].join("\n")

  describe("what is said of a refusal", () => {
    /** Pieces of a secret that are long enough not to be there by chance. */
    const pieces = (headers: ForgedHeaderLists): ReadonlyArray<string> =>
      [dataHeader, accessTokenHeader].flatMap((name) =>
        [headers[name] ?? []].flat().flatMap((token) =>
          token
            .split(/[.,\s]+/)
            .filter((segment) => segment.length > 16)
            .flatMap((segment) => [segment.slice(0, 24), segment.slice(-16)])
        )
      )

    it("∀ user and attack: no error and no answer holds a token, a signature or a personal claim", async () => {
      const marked = fc.record({
        sub: fc.uuid(),
        email: fc.stringMatching(/^[a-z]{8}$/).map((local) => `${local}@secret.example`),
        name: fc.stringMatching(/^[A-Z][a-z]{11}$/),
        groups: fc.array(fc.stringMatching(/^group-[a-z]{8}$/), { maxLength: 2 })
      })
      await fc.assert(
        fc.asyncProperty(marked, fc.constantFrom(...attacksOn(forge)), async (user, attack) => {
          const headers = await attack.headers(forge, {
            ...user,
            username: `u-${user.sub}`,
            givenName: `given-${user.name}`,
            familyName: `family-${user.name}`
          })
          for (const asked of [headers, { ...headers, "sec-fetch-mode": "navigate" }]) {
            const decision = await decide(asked, nowMillis)
            const shown = shownBy(errorIn(decision), decision)
            const secrets = [...pieces(headers), user.sub, user.email, user.name, ...user.groups]
            expect(secrets.filter((secret) => shown.includes(secret))).toEqual([])
          }
        }),
        { numRuns: runs(250) }
      )
    })

    it("∀ user whom the policy does not admit: nothing of the user, nor of who is admitted", async () => {
      const strict = CognitoAuth.make({
        ...forge.settings({ allowedUsers: ["somebody@secret.example"] }).options,
        keySource: forge.keySource(),
        tokenCache
      })
      await fc.assert(
        fc.asyncProperty(fc.uuid(), fc.stringMatching(/^[a-z]{8}$/), async (sub, local) => {
          const headers = await forge.headers({
            sub,
            email: `${local}@other.example`,
            name: `${local} ${local}`,
            groups: [`group-${local}`]
          })
          const decision = await decide(headers, nowMillis, strict)
          const shown = shownBy(errorIn(decision), decision)
          expect(errorIn(decision)._tag).toBe("NotAuthorised")
          for (const secret of [...pieces(headers), sub, local, "somebody"]) expect(shown).not.toContain(secret)
        }),
        { numRuns: runs(250) }
      )
    })
  })
}
