import { ConfigurationError, Policy, Service } from "@cognito-auth/core"
import { readPolicyDocument } from "@cognito-auth/core/PolicyDocument"
import { User } from "@cognito-auth/testing"
import * as Effect from "effect/Effect"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { runs } from "../../../testing/test/runs.ts"
import { failureOf, successOf } from "../outcome.ts"

const service = (clientId = "client-1", scope: unknown = "orders/read orders/list") =>
  Service.fromClaims({ client_id: clientId, sub: clientId, scope, iss: "https://pool.example" })
const ada = User.mock({ email: "ada@example.com", groups: ["staff"] })

const admitsService = (policy: Policy.Policy | Policy.Rule, asking = service()): boolean => {
  const verdict = ("evaluate" in policy ? policy : Policy.make(policy)).evaluateService?.(asking)
  return (Effect.isEffect(verdict) ? Effect.runSync(verdict) : verdict)?.allowed ?? false
}
const admitsUser = (policy: Policy.Policy | Policy.Rule, asking = ada): boolean => {
  const verdict = ("evaluate" in policy ? policy : Policy.make(policy)).evaluate(asking)
  return (Effect.isEffect(verdict) ? Effect.runSync(verdict) : verdict).allowed
}
const yes = Policy.rule("anybody", () => true)

describe("Policy.clients", () => {
  it("admits services of exactly these clients", () => {
    const rule = Policy.clients(["client-1", "client-2"])
    expect(admitsService(rule)).toBe(true)
    for (const other of ["client-", "client-10", "CLIENT-1", " client-1", "", "client-1,client-2"])
      expect(admitsService(rule, service(other))).toBe(false)
    expect(admitsService(Policy.clients([]))).toBe(false)
  })

  it("cannot tell of users, under not either", () => {
    expect(admitsUser(Policy.clients(["client-1"]))).toBe(false)
    expect(admitsUser(Policy.not(Policy.clients(["client-1"])))).toBe(false)
    expect(admitsUser(Policy.anyOf(Policy.clients(["client-1"]), Policy.groups(["staff"])))).toBe(true)
  })

  it.each([
    [[], "a service of the client of no name"],
    [["a"], "a service of the client a"],
    [["a", "b", "c", "d", "e"], "a service of the client a or b or c or d or e"],
    [["a", "b", "c", "d", "e", "f"], "a service of one of 6 clients"]
  ])("names up to five clients, and counts more: %j", (clients, expected) => {
    expect(Policy.clients(clients).describe).toBe(expected)
  })

  it("refuses what is no client id, with its position", () => {
    for (const wrong of [["a b"], [""], [1], ["é"], "client-1", ["a\n"]])
      expect(() => Policy.clients(wrong as never)).toThrow(ConfigurationError)
    expect(() => Policy.clients(["a", "b c"])).toThrow("Policy.clients: entry 2 is not a client id")
  })
})

describe("Policy.scopes", () => {
  it("admits services whose token has every one of them, compared exactly", () => {
    expect(admitsService(Policy.scopes(["orders/read"]))).toBe(true)
    expect(admitsService(Policy.scopes(["orders/list", "orders/read"]))).toBe(true)
    for (const other of [
      ["orders/write"],
      ["orders/read", "orders/write"],
      ["orders"],
      ["orders/rea"],
      ["read"],
      ["orders/read/all"],
      ["ORDERS/read"]
    ]) {
      expect(admitsService(Policy.scopes(other))).toBe(false)
    }
    expect(admitsService(Policy.scopes([]))).toBe(false)
  })

  it("cannot tell where the claim is no list of scopes, under not either; absent, it is none", () => {
    for (const scope of [["orders/read"], 1, "", " ", "orders/read  x", "orders/read\tx", 'a"b']) {
      expect(admitsService(Policy.scopes(["orders/read"]), service("c", scope))).toBe(false)
      expect(admitsService(Policy.not(Policy.scopes(["orders/read"])), service("c", scope))).toBe(false)
    }
    expect(admitsService(Policy.not(Policy.scopes(["orders/read"])), Service.fromClaims({ client_id: "c" }))).toBe(true)
    expect(admitsUser(Policy.not(Policy.scopes(["orders/read"])))).toBe(false)
  })

  it.each([
    [[], "a service with every scope of none"],
    [["orders/read"], "a service with the scope orders/read"],
    [["orders/read", "orders/list"], "a service with every scope of orders/read, orders/list"]
  ])("names them: %j", (scopes, expected) => {
    expect(Policy.scopes(scopes).describe).toBe(expected)
  })

  it("refuses what is no scope", () => {
    for (const wrong of [["a b"], [""], ['a"'], ["a\\"], [1], "orders/read"])
      expect(() => Policy.scopes(wrong as never)).toThrow("Policy.scopes")
  })
})

describe("a rule about users", () => {
  it("is never asked about a service, and cannot tell: not, anyOf and allOf of it admit none", () => {
    const asked: Array<unknown> = []
    const own = Policy.rule("own", (user) => asked.push(user) > 0)
    const aboutUsers = [
      own,
      Policy.groups(["staff"]),
      Policy.users(["a@example.com"]),
      Policy.domains(["example.com"]),
      Policy.pool("https://pool.example")
    ]
    for (const rule of aboutUsers) {
      for (const each of [
        rule,
        Policy.not(rule),
        Policy.not(Policy.not(rule)),
        Policy.anyOf(rule, rule),
        Policy.allOf(rule, Policy.clients(["client-1"]))
      ]) {
        expect(admitsService(each)).toBe(false)
      }
      expect(admitsService(Policy.anyOf(rule, Policy.clients(["client-1"])))).toBe(true)
    }
    expect(asked).toEqual([])
  })

  it("∀ combinations of rules: Kleene's logic, in which a rule about users alone cannot tell of a service", () => {
    type Answer = boolean | undefined
    type Modelled = readonly [rule: Policy.Rule, answer: Answer]
    const leaf = fc.constantFrom<Modelled>(
      [yes, undefined],
      [Policy.groups(["staff"]), undefined],
      [Policy.clients(["client-1"]), true],
      [Policy.clients(["client-2"]), false],
      [Policy.scopes(["orders/read"]), true],
      [Policy.scopes(["orders/write"]), false]
    )
    const fold = (answers: ReadonlyArray<Answer>, settles: boolean): Answer =>
      answers.includes(settles) ? settles : answers.includes(undefined) ? undefined : !settles
    const combined =
      (make: typeof Policy.anyOf, settles: boolean) =>
      (parts: ReadonlyArray<Modelled>): Modelled => [
        make(...parts.map(([rule]) => rule)),
        parts.length === 0
          ? false
          : fold(
              parts.map(([, answer]) => answer),
              settles
            )
      ]
    const { modelled } = fc.letrec<{ modelled: Modelled }>((tie) => ({
      modelled: fc.oneof(
        { maxDepth: 4 },
        leaf,
        fc.array(tie("modelled"), { maxLength: 3 }).map(combined(Policy.anyOf, true)),
        fc.array(tie("modelled"), { maxLength: 3 }).map(combined(Policy.allOf, false)),
        tie("modelled").map(([rule, answer]): Modelled => [Policy.not(rule), answer === undefined ? undefined : !answer])
      )
    }))
    fc.assert(
      fc.property(modelled, ([rule, answer]) => {
        expect(admitsService(rule)).toBe(answer === true)
      }),
      { numRuns: runs(1_000) }
    )
  })

  it("that fails is an outage where it is about services, too", () => {
    const broken: Policy.Rule = { describe: "broken", admits: () => true, admitsService: () => "yes" as never }
    expect(() => admitsService(broken)).toThrow('the rule "broken" failed')
    const throwing: Policy.Rule = {
      describe: "throwing",
      admits: () => true,
      admitsService: () => {
        throw new Error("SECRET")
      }
    }
    for (const rule of [throwing, Policy.not(throwing), Policy.anyOf(throwing, Policy.clients(["client-1"]))])
      expect(() => admitsService(rule)).toThrow('the rule "throwing" failed')
    const late: Policy.Rule = { describe: "late", admits: () => false, admitsService: () => Effect.succeed(true) }
    expect(admitsService(Policy.not(Policy.not(late)))).toBe(true)
  })
})

describe("policies without a rule about services", () => {
  it("admit none: every authenticated user is no service, nor is an administrator", () => {
    for (const policy of [
      Policy.anyUser,
      Policy.nobody,
      Policy.fromLists({}),
      Policy.fromLists({ allowedGroups: ["staff"], adminGroups: ["client-1"] })
    ]) {
      expect(policy.evaluateService?.(service())).toEqual({ allowed: false, isAppAdmin: false })
    }
  })

  it("share their answer, which nobody can change", () => {
    const verdict = Policy.anyUser.evaluateService?.(service()) as { allowed: boolean }
    expect(() => {
      verdict.allowed = true
    }).toThrow(TypeError)
    expect(admitsService(Policy.anyUser)).toBe(false)
  })
})

describe("allowedClients", () => {
  it("admits these clients beside the users of the other lists, with requireAll too", () => {
    for (const requireAll of [false, true]) {
      const policy = Policy.fromLists({
        allowedGroups: ["staff"],
        allowedUsers: ["ada@example.com"],
        allowedClients: ["client-1"],
        requireAll
      })
      expect([admitsService(policy), admitsService(policy, service("client-2")), admitsUser(policy)]).toEqual([true, false, true])
      expect(policy.evaluateService?.(service())).toEqual({ allowed: true, isAppAdmin: false })
      expect(admitsUser(policy, User.mock({ groups: ["visitors"] }))).toBe(false)
    }
  })

  it("alone, admits no user but administrators; empty, no service", () => {
    const policy = Policy.fromLists({ allowedClients: ["client-1"], adminGroups: ["staff"] })
    expect([admitsService(policy), admitsUser(policy), admitsUser(policy, User.mock())]).toEqual([true, true, false])
    expect(admitsService(Policy.fromLists({ allowedClients: [] }))).toBe(false)
    expect(() => Policy.fromLists({ allowedClients: ["a b"] })).toThrow("policy.allowedClients: entry 1")
  })

  it("is allowed_clients in a document, where an empty list is no rule", () => {
    const read = (document: object) => readPolicyDocument(JSON.stringify(document), "policy", { requireVerifiedEmail: true })
    const { policy } = successOf(read({ allowed_clients: ["client-1"], allowed_groups: [] }))
    expect([admitsService(policy), admitsUser(policy)]).toEqual([true, false])
    expect(failureOf(read({ allowed_clients: [] }))[0]?.problem).toContain("allowed_clients")
    expect(failureOf(read({ allowed_clients: ["a b"] }))[0]?.setting).toBe("policy, allowed_clients")
  })
})

describe("Policy.explain of a service", () => {
  const explained = (policy: Policy.Policy, asking = service()) => Effect.runSync(Policy.explain(policy, asking))
  it("says which rule admitted it, or why none did", () => {
    const policy = Policy.make(Policy.anyOf(Policy.groups(["staff"]), Policy.clients(["client-1"])))
    expect(explained(policy)).toMatchObject({ allowed: true, reason: "Admitted as a service of the client client-1." })
    expect(explained(policy, service("other")).reason).toBe(
      "Not admitted: the policy admits a member of staff or a service of the client client-1. Not met: a member of staff (cannot tell: it is about users, and a service asks); a service of the client client-1."
    )
    expect(explained(Policy.anyUser).reason).toBe("Not admitted: the policy admits any authenticated user, and no service.")
    for (const rule of [Policy.clients(["client-1"]), Policy.scopes(["orders/read"])])
      expect(Effect.runSync(Policy.explain(Policy.make(rule), ada)).reason).toContain("it is about services, and a user asks")
  })

  it("says that it is not admitted by a policy that has no verdict on services", () => {
    const { evaluateService: _, ...aboutUsers } = Policy.make(Policy.clients(["client-1"]))
    expect(explained(aboutUsers)).toMatchObject({ allowed: false, reason: expect.stringMatching(/^Not admitted: /) })
  })
})
