import { CognitoAuth, ConfigurationError, Policy, User } from "@cognito-auth/core"
import { readSettings } from "@cognito-auth/core/Settings"
import * as Effect from "effect/Effect"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { runs } from "../../../testing/test/runs.ts"
import { sharedForge } from "../../../testing/test/sharedForge.ts"
import { successOf } from "../outcome.ts"
import { userOf } from "../userOf.ts"
import { answerOf, verdictOf } from "../verdictOf.ts"

const staffPool = "eu-west-2_Staff1"
const partnerPool = "eu-west-2_Partner1"
const issuerOf = (pool: string) => `https://cognito-idp.${pool.slice(0, pool.indexOf("_"))}.amazonaws.com/${pool}`
const userOfIssuer = (iss: unknown, ...groups: ReadonlyArray<string>) => userOf({ access: { iss, "cognito:groups": groups } })

const region = fc.constantFrom("eu-west-2", "us-east-1", "ap-southeast-3")
const pool = fc.tuple(region, fc.stringMatching(/^[A-Za-z0-9]{1,12}$/)).map((parts) => parts.join("_"))

/** The issuer, but for one detail. */
const nearly = (issuer: string) =>
  fc.constantFrom(
    `${issuer}/`,
    ` ${issuer}`,
    `${issuer} `,
    issuer.replace("https", "http"),
    issuer.toUpperCase(),
    issuer.slice(0, -1),
    `${issuer}0`,
    `${issuer}?`,
    issuer.replace("cognito-idp", "evil")
  )

describe("Policy.pool", () => {
  it("∀ pool and user: admits the users of exactly that pool's issuer, which the settings give that pool too", () => {
    fc.assert(
      fc.property(
        pool,
        pool,
        pool.chain((each) => nearly(issuerOf(each)).map((near) => [each, near] as const)),
        (a, b, [near, nearIssuer]) => {
          const [issuer] = successOf(
            readSettings(
              {
                userPoolId: a,
                clientId: "client-1",
                albArn: "arn:aws:elasticloadbalancing:eu-west-2:123456789012:loadbalancer/app/my-alb/50dc6c495c0c9188",
                policy: Policy.anyUser
              },
              {}
            )
          ).issuers.keys()
          expect(answerOf(Policy.pool(a), userOfIssuer(issuer))).toBe(true)
          expect(answerOf(Policy.pool(a), userOfIssuer(issuerOf(b)))).toBe(a === b)
          expect(answerOf(Policy.pool(near), userOfIssuer(nearIssuer))).toBe(false)
        }
      ),
      { numRuns: runs(500) }
    )
  })

  it("takes an issuer as it is written, for emulators and private endpoints", () => {
    for (const issuer of ["http://localhost:9229/local_pool", "https://idp.example.com/pool/"]) {
      expect(answerOf(Policy.pool(issuer), userOfIssuer(issuer))).toBe(true)
      expect(answerOf(Policy.pool(issuer), userOfIssuer(`${issuer}/`))).toBe(false)
    }
    expect(answerOf(Policy.pool("cn-north-1_Abc"), userOfIssuer("https://cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_Abc"))).toBe(
      true
    )
  })

  it("cannot tell of a user without an issuer, so that not() admits no such user either", () => {
    for (const iss of [undefined, "", 1, null, [issuerOf(staffPool)]]) {
      expect(answerOf(Policy.pool(staffPool), userOfIssuer(iss))).toBe("cannot tell")
      expect(verdictOf(Policy.make(Policy.not(Policy.pool(staffPool))), userOfIssuer(iss)).allowed).toBe(false)
    }
    expect(verdictOf(Policy.make(Policy.pool(staffPool)), User.anonymous).allowed).toBe(false)
    expect(Policy.pool(staffPool).whyNot?.(userOfIssuer(""))).toBe("the user has no issuer")
    expect(Policy.pool(staffPool).whyNot?.(userOfIssuer("https://elsewhere.example"))).toBeUndefined()
  })

  it("keeps a group's name to the pool that it is meant of", () => {
    const policy = Policy.make(
      Policy.anyOf(
        Policy.allOf(Policy.pool(staffPool), Policy.groups(["admins"])),
        Policy.allOf(Policy.pool(partnerPool), Policy.groups(["guests"]))
      )
    )
    const admits = (pool: string, group: string) => verdictOf(policy, userOfIssuer(issuerOf(pool), group)).allowed
    expect([admits(staffPool, "admins"), admits(partnerPool, "guests")]).toEqual([true, true])
    expect([admits(partnerPool, "admins"), admits(staffPool, "guests")]).toEqual([false, false])
    expect(policy.describe).toBe(
      "(a user of the pool eu-west-2_Staff1 and a member of admins) or (a user of the pool eu-west-2_Partner1 and a member of guests)"
    )
  })

  it.each([
    "",
    " ",
    "staff",
    "eu-west-2",
    "eu-west-2_",
    " eu-west-2_Staff1",
    "eu-west-2_Staff1\n",
    "eu-west-2_Staff1,eu-west-2_Partner1",
    "http://example.com/pool",
    "https://example.com/pool?x",
    "ftp://example.com/",
    "cognito-idp.eu-west-2.amazonaws.com/eu-west-2_Staff1",
    undefined,
    null,
    1,
    ["eu-west-2_Staff1"]
  ])("is refused at start-up for what is neither a pool's id nor an issuer: %j", (given) => {
    const make = () => Policy.pool(given as string)
    expect(make).toThrow(ConfigurationError)
    expect(make).toThrow("Policy.pool: expected a user pool's id, such as eu-west-2_AbC123xyz, or the URL of an issuer")
  })

  it("decides through the whole pipeline, where two pools are trusted", async () => {
    const forge = await sharedForge()
    const { options } = forge.settings()
    const issuer = options.issuer ?? issuerOf(String(options.userPoolId))
    const ask = async (policy: Policy.Rule) => {
      const auth = CognitoAuth.make({ ...options, keySource: forge.keySource(), policy })
      return Effect.runPromise(Effect.result(auth.authenticate(await forge.headers({ groups: ["admins"] }))))
    }
    expect(await ask(Policy.allOf(Policy.pool(issuer), Policy.groups(["admins"])))).toMatchObject({ _tag: "Success" })
    expect(await ask(Policy.allOf(Policy.pool(partnerPool), Policy.groups(["admins"])))).toMatchObject({
      failure: { _tag: "NotAuthorised" }
    })
  })
})
