import { CognitoAuth, ConfigurationError, Policy, PolicyUnavailable, User } from "@cognito-auth/core"
import { makeRoute } from "@cognito-auth/core/Route"
import { itEffect } from "@cognito-auth/testing/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { TestClock } from "effect/testing"
import { describe, expect, it, vi } from "vitest"
import { sharedForge } from "../../../testing/test/sharedForge.ts"
import { userOf, userWith } from "../userOf.ts"
import { admits, verdictOf } from "../verdictOf.ts"

const signers = await sharedForge()

const staff = userWith("ada@example.com", ["staff"])
const leaver = userWith("bob@example.com", ["staff", "leavers"])
const guest = userWith("eve@example.org")

/** What only JavaScript lets pass. */
const untyped = (value: unknown) => value as never

const faultsOf = (make: () => unknown) => {
  try {
    make()
  } catch (error) {
    if (error instanceof ConfigurationError) return error.faults
  }
  throw new Error("expected a ConfigurationError")
}

describe("rules put together", () => {
  const isStaff = Policy.groups(["staff"])
  const isLeaver = Policy.groups(["leavers"])
  const isOurs = Policy.domains(["example.com"])

  it("anyOf, allOf and not mean what they say", () => {
    const users = [staff, leaver, guest]
    const answers = (rule: Policy.Rule) => users.map((user) => admits(rule, user))
    expect(answers(Policy.anyOf(isLeaver, isStaff))).toEqual([true, true, false])
    expect(answers(Policy.allOf(isStaff, isLeaver))).toEqual([false, true, false])
    expect(answers(Policy.not(isLeaver))).toEqual([true, false, true])
    expect(answers(Policy.allOf(Policy.anyOf(isStaff, isOurs), Policy.not(isLeaver)))).toEqual([true, false, false])
    expect(answers(Policy.anyOf())).toEqual([false, false, false])
    expect(answers(Policy.allOf())).toEqual([false, false, false])
  })

  it("say whom they admit", () => {
    const rule = Policy.allOf(Policy.anyOf(isStaff, isOurs), Policy.not(isLeaver), Policy.not(Policy.anyOf(isStaff, isOurs)))
    expect(rule.describe).toBe(
      "(a member of staff or an e-mail of example.com with a verified e-mail) and anyone but a member of leavers and anyone but (a member of staff or an e-mail of example.com with a verified e-mail)"
    )
  })

  it("are in brackets only where two of them are within another", () => {
    expect(Policy.anyOf().describe).toBe("nobody")
    expect(Policy.allOf().describe).toBe("nobody")
    expect(Policy.anyOf(Policy.allOf(isStaff, isLeaver)).describe).toBe("a member of staff and a member of leavers")
    expect(Policy.allOf(Policy.anyOf(isStaff), isLeaver).describe).toBe("a member of staff and a member of leavers")
    expect(Policy.not(Policy.anyOf(isStaff)).describe).toBe("anyone but a member of staff")
  })

  it("decide the same with rules that ask somewhere else, and ask only where the others leave it open", () => {
    let asked = 0
    const later = (answer: boolean) =>
      Policy.rule("later", () =>
        Effect.sync(() => {
          asked++
          return answer
        })
      )
    const run = (rule: Policy.Rule) => {
      const answer = rule.admits(staff)
      return Effect.isEffect(answer) ? Effect.runSync(answer) : answer
    }
    for (const [rule, expected, times] of [
      [Policy.anyOf(later(false), isStaff), true, 0],
      [Policy.allOf(later(true), isLeaver), false, 0],
      [Policy.anyOf(later(false), later(true), later(true)), true, 2],
      [Policy.allOf(later(true), later(false), later(true)), false, 2],
      [Policy.anyOf(isLeaver, later(false)), false, 1],
      [Policy.allOf(isStaff, later(true)), true, 1],
      [Policy.not(later(true)), false, 1]
    ] as const) {
      asked = 0
      expect([run(rule), asked]).toEqual([expected, times])
    }
  })

  it("that cannot tell do not admit: a leaver is not admitted with an unverified e-mail", () => {
    const isLeaver = { email: Policy.users(["leaver@corp.uk"]), domain: Policy.domains(["corp.uk"]), group: Policy.groups(["leavers"]) }
    const staffBut = (rule: Policy.Rule) => Policy.make(Policy.allOf(isStaff, Policy.not(rule)))
    for (const email of [undefined, "", "leaver@corp.uk ", "leaver@corp.uk@corp.uk", ["leaver@corp.uk"]]) {
      for (const rule of [isLeaver.email, isLeaver.domain])
        expect(verdictOf(staffBut(rule), userWith(email, ["staff"])).allowed).toBe(false)
    }
    for (const verified of ["false", false, null, "TRUE", 1]) {
      for (const rule of [isLeaver.email, isLeaver.domain]) {
        expect(verdictOf(staffBut(rule), userWith("leaver@corp.uk", ["staff"], verified)).allowed).toBe(false)
        expect(verdictOf(staffBut(rule), userWith("x@example.com", ["staff"], verified)).allowed).toBe(false)
      }
    }
    for (const claim of ["leavers", ["leavers", 1], null, {}, [["leavers"]]]) {
      const user = userOf({ access: { "cognito:groups": claim } })
      expect(verdictOf(Policy.make(Policy.not(isLeaver.group)), user).allowed).toBe(false)
    }
    expect(verdictOf(staffBut(isLeaver.email), staff).allowed).toBe(true)
    // Cognito leaves the claim out where there is no group to name.
    expect(verdictOf(Policy.make(Policy.not(isLeaver.group)), userOf()).allowed).toBe(true)
    // Nobody is on an empty list, whatever is known of the user.
    expect(verdictOf(staffBut(Policy.anyOf(Policy.users([]), Policy.domains([]))), userWith(undefined, ["staff"])).allowed).toBe(true)
  })

  it.each([
    '"leaver"@example.com',
    "<leaver@example.com>",
    "leaver(x)@example.com",
    "leaver@[example.com]",
    "leaver@example.com.",
    "leaver@.example.com",
    "leaver@a..example.com",
    "leaver@example.com\u200b",
    "lea\u00adver@example.com",
    "leaver@exam\u2060ple.com"
  ])("cannot tell of an e-mail that others may read as one that they name, whichever rule is asked: %j", (email) => {
    const user = userWith(email)
    for (const listed of [Policy.users(["leaver@example.com"]), Policy.domains(["example.com"]), Policy.domains(["*.example.com"])]) {
      expect(listed.admits(user)).toBe("cannot tell")
      expect(verdictOf(Policy.make(Policy.not(listed)), user).allowed).toBe(false)
    }
  })

  it("admit an odd e-mail that is on the list as it is", () => {
    const odd = '"ada"@example.com'
    expect(verdictOf(Policy.make(Policy.users([odd])), userWith(odd)).allowed).toBe(true)
  })

  it("let administrators pass, and nobody who is not signed in", () => {
    const policy = Policy.make(Policy.not(Policy.anyOf(isStaff, Policy.not(isStaff))), { adminGroups: ["root"] })
    expect(verdictOf(policy, staff)).toEqual({ allowed: false, isAppAdmin: false })
    expect(verdictOf(policy, userWith("x@example.com", ["root"]))).toEqual({ allowed: true, isAppAdmin: true })
    expect(verdictOf(policy, userWith("x@example.com", ["platform-admins"]))).toEqual({ allowed: true, isAppAdmin: false })
    for (const open of [Policy.anyUser, Policy.make(Policy.not(Policy.anyOf()))]) {
      expect(verdictOf(open, User.anonymous)).toEqual({ allowed: false, isAppAdmin: false })
    }
  })
})

describe("rules that are wrong are refused at start-up:", () => {
  it.each<[string, () => unknown, string]>([
    ["one group for a list", () => Policy.groups(untyped("admins")), "Policy.groups"],
    ["an empty group", () => Policy.groups(["a", " "]), "Policy.groups"],
    ["one e-mail for a list", () => Policy.users(untyped("a@example.com")), "Policy.users"],
    ["an e-mail with two @", () => Policy.users(["a@b@example.com"]), "Policy.users"],
    ["no list of domains", () => Policy.domains(untyped(undefined)), "Policy.domains"],
    ["an e-mail for a domain", () => Policy.domains(["a@example.com"]), "Policy.domains"],
    ["every domain", () => Policy.domains(["*"]), "Policy.domains"],
    ["a star within a domain", () => Policy.domains(["a.*.com"]), "Policy.domains"],
    ["nothing for a rule", () => Policy.make(untyped(undefined)), "policy"],
    ["a rule that is not in words", () => Policy.make(untyped({ admits: () => true })), "policy"],
    ["a rule in words alone", () => Policy.make(untyped({ describe: "staff" })), "policy"],
    ["lists for a rule", () => Policy.make(untyped({ allowedGroups: ["staff"] })), "policy"],
    ["administrators that are none", () => Policy.make(Policy.groups(["a"]), { adminUsers: ["nobody"] }), "policy.adminUsers"],
    ["a list in the Python package's spelling", () => Policy.fromLists(untyped({ allowed_groups: ["staff"] })), "policy.allowed_groups"],
    ["a misspelt list", () => Policy.fromLists(untyped({ alowedGroups: ["staff"] })), "policy.alowedGroups"]
  ])("%s", (_what, make, setting) => {
    expect(faultsOf(make)).toEqual([{ setting, problem: expect.stringMatching(/./) }])
  })

  it("with the name that was meant, for a misspelt list", () => {
    expect(faultsOf(() => Policy.fromLists(untyped({ alowedGroups: [] })))[0]?.problem).toBe("is unknown. Did you mean allowedGroups?")
  })
})

describe("a claim that is not a list of groups", () => {
  const policies = [
    Policy.fromLists({ allowedGroups: ["staff", "1", "platform-admins", "s", "staff,admins"] }),
    Policy.fromLists({ allowedUsers: [], adminGroups: ["staff", "1", "platform-admins", "s", "staff,admins"] }),
    Policy.make(Policy.rule("staff", (user) => user.isIn("staff") || user.isIn("1")))
  ]
  const claims = [
    "staff",
    "platform-admins",
    "staff,admins",
    '["staff"]',
    [["staff"]],
    [[["staff"]]],
    [1],
    1,
    ["staff", 1],
    ["staff", null],
    { 0: "staff", length: 1 },
    { staff: true },
    [{ toString: () => "staff" }],
    null,
    undefined,
    [],
    true
  ]

  it.each(claims.map((claim) => [claim]))("admits nobody: %j", (claim) => {
    const user = userOf({ access: { "cognito:groups": claim } })
    expect(user.groups).toEqual([])
    expect(user.isAdmin).toBe(false)
    for (const policy of policies) expect(verdictOf(policy, user)).toEqual({ allowed: false, isAppAdmin: false })
  })

  it("admits nobody through the whole pipeline either, and is 403", async () => {
    const forge = signers
    const auth = CognitoAuth.make({ ...forge.settings({ allowedGroups: ["staff", "1"] }).options, keySource: forge.keySource() })
    const decide = async (claim: unknown) => {
      const headers = await forge.headers({ access: { claims: { "cognito:groups": claim } } })
      return Effect.runPromise(auth.decide({ method: "GET", target: "/", headers }, makeRoute()))
    }
    expect(await decide(["staff"])).toMatchObject({ _tag: "Admit" })
    for (const claim of ["staff", [["staff"]], [1], 1, { 0: "staff", length: 1 }, null, undefined]) {
      expect(await decide(claim)).toMatchObject({ _tag: "Refuse", status: 403, error: { _tag: "NotAuthorised" } })
    }
  })
})

describe("a rule that gives no verdict", () => {
  const open = (rule: Policy.Rule) =>
    Effect.gen(function* () {
      const clock = yield* Clock.Clock
      const forge = signers.with({ now: () => clock.currentTimeMillisUnsafe() })
      const auth = CognitoAuth.make({ ...forge.settings().options, keySource: forge.keySource(), policy: rule })
      const request = { method: "GET", target: "/", headers: yield* Effect.promise(() => forge.headers({ groups: ["staff"] })) }
      return auth.decide(request, makeRoute())
    })

  const secret = "ada@example.com"
  const rules: ReadonlyArray<readonly [string, () => unknown]> = [
    [
      "throws",
      () => {
        throw new Error(secret)
      }
    ],
    ["gives a promise", async () => true],
    ["gives a promise that rejects", () => Promise.reject(new Error(secret))],
    ["gives nothing", () => undefined],
    ["returns a truthy string", () => "yes"],
    ["gives 1", () => 1],
    ["gives an object", () => ({ allowed: true })],
    ["gives an Effect that fails", () => Effect.fail(new Error(secret))],
    ["gives an Effect that dies", () => Effect.die(new Error(secret))],
    ["returns an Effect of a truthy string", () => Effect.succeed("yes")],
    ["gives an Effect of nothing", () => Effect.void]
  ]
  for (const [what, admits] of rules) {
    itEffect(`that ${what} is an outage that names the rule: 503, whatever rules are around it`, () =>
      Effect.gen(function* () {
        const rule = Policy.rule("employees", untyped(admits))
        for (const each of [
          rule,
          Policy.not(rule),
          Policy.anyOf(Policy.groups(["none"]), rule),
          Policy.allOf(Policy.groups(["staff"]), rule)
        ]) {
          const decision = yield* yield* open(each)
          expect(decision).toMatchObject({ _tag: "Refuse", status: 503, headers: { "retry-after": "5" } })
          const error = decision._tag === "Admit" ? undefined : decision.error
          expect(error).toBeInstanceOf(PolicyUnavailable)
          expect(error).toMatchObject({ reason: 'the rule "employees" failed' })
          expect(JSON.stringify(decision)).not.toContain(secret)
        }
      })
    )
  }

  itEffect("within five seconds is an outage", () =>
    Effect.gen(function* () {
      const waiting = yield* Effect.forkChild(yield* open(Policy.rule("employees", () => Effect.never)))
      yield* TestClock.adjust("4999 millis")
      expect(waiting.pollUnsafe()).toBeUndefined()
      yield* TestClock.adjust("1 millis")
      const decision = yield* Fiber.join(waiting)
      expect(decision).toMatchObject({ status: 503, error: { _tag: "PolicyUnavailable", reason: "no verdict within 5 seconds" } })
    })
  )

  itEffect("after four seconds still gives it", () =>
    Effect.gen(function* () {
      const waiting = yield* Effect.forkChild(yield* open(Policy.rule("employees", () => Effect.delay(Effect.succeed(true), "4 seconds"))))
      yield* TestClock.adjust("4 seconds")
      expect(yield* Fiber.join(waiting)).toMatchObject({ _tag: "Admit" })
    })
  )

  it("that is a rejected promise does not end the process", async () => {
    const rejections: Array<unknown> = []
    const record = (cause: unknown) => void rejections.push(cause)
    process.on("unhandledRejection", record)
    const rule = Policy.rule(
      "employees",
      untyped(() => Promise.reject(new Error("unheard")))
    )
    expect(() => Policy.make(rule).evaluate(staff)).toThrow('the rule "employees" failed')
    await new Promise(setImmediate)
    process.off("unhandledRejection", record)
    expect(rejections).toEqual([])
  })
})

describe("a look-up", () => {
  it("in 100,000 users and groups is as many steps as in 10", () => {
    const count = (size: number) => {
      const lists = {
        allowedUsers: Array.from({ length: size }, (_, i) => `user${i}@example.com`),
        allowedGroups: Array.from({ length: size }, (_, i) => `group${i}`),
        adminUsers: Array.from({ length: size }, (_, i) => `admin${i}@example.com`),
        adminGroups: Array.from({ length: size }, (_, i) => `admins${i}`)
      }
      const policy = Policy.fromLists(lists)
      const user = userWith(`USER${size - 1}@example.com`, ["x", "y"])
      const lookUps = vi.spyOn(Set.prototype, "has")
      // A walk through a list would compare its entries, or fold each of them again.
      const walks = (["some", "includes", "indexOf", "find", "findIndex", "filter", "map", "every"] as const).map((name) =>
        vi.spyOn(Array.prototype, name)
      )
      const folds = [vi.spyOn(String.prototype, "replace"), vi.spyOn(String.prototype, "toLowerCase")]
      const { allowed } = verdictOf(policy, user)
      const counts = [lookUps, ...walks, ...folds].map((spy) => spy.mock.calls.length)
      for (const spy of [lookUps, ...walks, ...folds]) spy.mockRestore()
      expect(allowed).toBe(true)
      expect(counts[0]).toBeGreaterThan(0)
      return counts
    }
    expect(count(100_000)).toEqual(count(10))
  })
})

describe("Policy.explain", () => {
  const explain = (policy: Policy.Policy, user: User) => Effect.runPromise(Policy.explain(policy, user))
  const isListed = Policy.users(["bob@example.com"])
  const reason = async (policy: Policy.Policy, user: User) => (await explain(policy, user)).reason

  it("says which rule admitted the user", async () => {
    const lists = Policy.fromLists({
      allowedGroups: ["staff"],
      allowedUsers: ["ada@example.com"],
      adminGroups: ["root"],
      adminUsers: ["boss@example.com"]
    })
    expect(await reason(lists, leaver)).toBe("Admitted as a member of staff.")
    expect(await reason(lists, userWith("ada@example.com"))).toBe("Admitted as one of 1 allowed users with a verified e-mail.")
    expect(await reason(lists, staff)).toBe("Admitted as a member of staff and as one of 1 allowed users with a verified e-mail.")
    expect(await reason(lists, userWith("boss@example.com"))).toBe("Admitted as an administrator of this app.")
    expect(await reason(lists, userWith("x@example.com", ["platform-admins"]))).toBe("Admitted as an administrator of the platform.")
    expect(await reason(Policy.anyUser, guest)).toBe("Admitted as any authenticated user.")
    expect(await reason(Policy.make(Policy.not(Policy.groups(["leavers"]))), staff)).toBe("Admitted as anyone but a member of leavers.")
  })

  it("of nested rules, names only those that decided", async () => {
    const policy = Policy.make(
      Policy.anyOf(Policy.allOf(Policy.groups(["staff"]), Policy.groups(["admins"])), Policy.domains(["example.com"]))
    )
    expect(await reason(policy, staff)).toBe("Admitted as an e-mail of example.com with a verified e-mail.")
    expect(await reason(policy, userWith("x@example.org", ["staff"]))).toBe(
      "Not admitted: the policy admits (a member of staff and a member of admins) or an e-mail of example.com with a verified e-mail. Not met: a member of admins; an e-mail of example.com with a verified e-mail."
    )
  })

  it("says why none did", async () => {
    const policy = Policy.fromLists({ allowedGroups: ["staff"], allowedUsers: ["ada@example.com"] })
    const head = "Not admitted: the policy admits a member of staff or one of 1 allowed users with a verified e-mail. Not met: "
    const users = "one of 1 allowed users with a verified e-mail"
    expect(await reason(policy, guest)).toBe(`${head}a member of staff (the user is in no group); ${users}.`)
    expect(await reason(policy, userWith("", ["other"]))).toBe(`${head}a member of staff; ${users} (cannot tell: the user has no e-mail).`)
    expect(await reason(policy, userWith("ada@example.com", ["other"], "false"))).toBe(
      `${head}a member of staff; ${users} (cannot tell: the e-mail is not verified).`
    )
    expect(await reason(Policy.make(Policy.not(Policy.groups(["leavers"]))), leaver)).toBe(
      "Not admitted: the policy admits anyone but a member of leavers. Not met: anyone but a member of leavers."
    )
    const malformed = userOf({ access: { "cognito:groups": "leavers" } })
    expect(await reason(Policy.make(Policy.not(Policy.anyOf(Policy.groups(["leavers"]), isListed))), malformed)).toBe(
      "Not admitted: the policy admits anyone but (a member of leavers or one of 1 allowed users with a verified e-mail). Not met: anyone but (a member of leavers or one of 1 allowed users with a verified e-mail) (cannot tell: the claim is absent or not a list of groups)."
    )
    const unsure = Policy.rule("on duty", () => Effect.succeed("cannot tell" as const))
    expect(await reason(Policy.make(Policy.not(unsure)), staff)).toBe(
      "Not admitted: the policy admits anyone but on duty. Not met: anyone but on duty (cannot tell)."
    )
    expect(await reason(Policy.nobody, staff)).toBe("Not admitted: the policy admits nobody. Not met: nobody.")
    expect(await reason(Policy.anyUser, User.anonymous)).toBe("Not admitted: nobody is signed in.")
  })

  it("contains no e-mail address, and every rule's answer", async () => {
    const explanation = await explain(Policy.fromLists({ allowedGroups: ["admins"], allowedUsers: ["ada@example.com"] }), staff)
    expect(explanation).toEqual({
      allowed: true,
      reason: "Admitted as one of 1 allowed users with a verified e-mail.",
      rules: [
        { rule: "a member of admins", admits: false, why: undefined },
        { rule: "one of 1 allowed users with a verified e-mail", admits: true, why: undefined }
      ]
    })
    expect(JSON.stringify(explanation)).not.toContain("@")
    const unverified = userWith("ada@example.com", ["staff"], "false")
    expect((await explain(Policy.make(Policy.allOf(Policy.groups(["staff"]), Policy.not(isListed))), unverified)).rules).toEqual([
      { rule: "a member of staff", admits: true, why: undefined },
      {
        rule: "anyone but one of 1 allowed users with a verified e-mail",
        admits: "cannot tell",
        why: "cannot tell: the e-mail is not verified"
      }
    ])
  })

  it("gives no reason against a rule that admits, and none where the list is empty", async () => {
    const whyNot = () => "a reason"
    const always: Policy.Rule = { describe: "everybody", admits: () => true, whyNot }
    const never: Policy.Rule = { describe: "nobody else", admits: () => false, whyNot }
    const rule = Policy.allOf(always, Policy.not(never), Policy.not(always), Policy.users([]))
    expect((await explain(Policy.make(rule), userWith(""))).rules.map(({ why }) => why)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined
    ])
  })

  it("says why it cannot tell by the reasons of those rules that cannot", async () => {
    const malformed = userOf({ oidc: { email: "" }, access: { "cognito:groups": "leavers" } })
    const no: Policy.Rule = { describe: "on duty", admits: () => false, whyNot: () => "off duty" }
    const unsure = Policy.rule("on call", () => "cannot tell")
    const rule = Policy.not(Policy.anyOf(Policy.groups(["leavers"]), isListed, no, unsure))
    expect((await explain(Policy.make(rule), malformed)).rules[0]?.why).toBe(
      "cannot tell: the claim is absent or not a list of groups and the user has no e-mail"
    )
    const odd = userWith('"a b"@example.com')
    expect((await explain(Policy.make(isListed), odd)).rules[0]?.why).toBe("cannot tell: the e-mail is not one plain address")
    expect((await explain(Policy.make(isListed), staff)).rules[0]?.why).toBeUndefined()
  })

  it("gives the reason of its own against a rule that negates another, where that one could tell", async () => {
    const noLeaver: Policy.Rule = { ...Policy.not(Policy.groups(["leavers"])), whyNot: () => "leavers have no access" }
    const whyOf = async (user: User) => (await explain(Policy.make(noLeaver), user)).rules[0]?.why
    expect(await whyOf(leaver)).toBe("leavers have no access")
    expect(await whyOf(userOf({ access: { "cognito:groups": 1 } }))).toBe("cannot tell: the claim is absent or not a list of groups")
  })

  it("asks rules that ask somewhere else, and agrees with the verdict", async () => {
    const policy = Policy.make(
      Policy.allOf(
        Policy.rule("employees", () => Effect.succeed(true)),
        Policy.groups(["staff"])
      )
    )
    expect(await explain(policy, staff)).toMatchObject({ allowed: true, reason: "Admitted as employees and as a member of staff." })
    expect(await explain(policy, guest)).toMatchObject({ allowed: false, rules: [{ admits: true }, { admits: false }] })
  })

  itEffect("fails if a rule fails, and has a time limit", () =>
    Effect.gen(function* () {
      const broken = Policy.make(
        Policy.rule("employees", () => {
          throw new Error("broken")
        })
      )
      expect(yield* Effect.flip(Policy.explain(broken, staff))).toMatchObject({
        name: "RuleFailed",
        message: 'the rule "employees" failed',
        cause: new Error("broken")
      })
      const silent = Policy.make(
        Policy.rule(
          "employees",
          untyped(() => undefined)
        )
      )
      expect(yield* Effect.flip(Policy.explain(silent, staff))).toMatchObject({
        cause: { message: expect.stringContaining("expected true, false") }
      })
      const hanging = Policy.make(Policy.rule("employees", () => Effect.never))
      const waiting = yield* Effect.forkChild(Effect.flip(Policy.explain(hanging, staff)))
      yield* TestClock.adjust("5 seconds")
      expect(yield* Fiber.join(waiting)).toBe("timeout")
    })
  )
})
