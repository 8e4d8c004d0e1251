import { ConfigurationError, type Fault, Policy } from "@cognito-auth/core"
import { readPolicyDocument } from "@cognito-auth/core/PolicyDocument"
import { readRequirement } from "@cognito-auth/core/Requirement"
import { readSettings } from "@cognito-auth/core/Settings"
import { email as anyEmail, group as anyGroup } from "@cognito-auth/testing/arbitraries"
import * as Result from "effect/Result"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { runs } from "../../../testing/test/runs.ts"
import { failureOf, successOf } from "../outcome.ts"
import { userWith } from "../userOf.ts"
import { verdictOf } from "../verdictOf.ts"

const good = {
  userPoolId: "eu-west-2_AbC123xyz",
  clientId: "client-1",
  albArn: "arn:aws:elasticloadbalancing:eu-west-2:123456789012:loadbalancer/app/my-alb/50dc6c495c0c9188"
}

const thrownBy = (make: () => unknown): ReadonlyArray<Fault> => {
  try {
    make()
  } catch (error) {
    if (error instanceof ConfigurationError) return error.faults
    throw error
  }
  return []
}
const failed = (result: Result.Result<unknown, ReadonlyArray<Fault>>) => (Result.isFailure(result) ? result.failure : [])
const documentOf = (lists: object) => failed(readPolicyDocument(JSON.stringify(lists), "policy", { requireVerifiedEmail: true }))

/** Everywhere that a list of names is read, and how a fault names it. */
const lists: ReadonlyArray<readonly [string, "group" | "email" | "domain", (entries: ReadonlyArray<string>) => ReadonlyArray<Fault>]> = [
  ["Policy.groups", "group", (entries) => thrownBy(() => Policy.groups(entries))],
  ["Policy.users", "email", (entries) => thrownBy(() => Policy.users(entries))],
  ["Policy.domains", "domain", (entries) => thrownBy(() => Policy.domains(entries))],
  ["policy.allowedGroups", "group", (allowedGroups) => thrownBy(() => Policy.fromLists({ allowedGroups }))],
  ["policy.allowedUsers", "email", (allowedUsers) => thrownBy(() => Policy.fromLists({ allowedUsers }))],
  ["policy.adminGroups", "group", (adminGroups) => thrownBy(() => Policy.make(Policy.groups(["a"]), { adminGroups }))],
  ["policy.adminUsers", "email", (adminUsers) => thrownBy(() => Policy.fromLists({ adminUsers }))],
  ["policy, allowed_groups", "group", (allowed_groups) => documentOf({ allowed_groups, allowed_users: ["a@example.com"] })],
  ["policy, allowed_users", "email", (allowed_users) => documentOf({ allowed_groups: ["a"], allowed_users })],
  ["policy, admin_groups", "group", (admin_groups) => documentOf({ allowed_groups: ["a"], admin_groups })],
  ["policy, admin_users", "email", (admin_users) => documentOf({ allowed_groups: ["a"], admin_users })],
  ["require.groups", "group", (groups) => failed(readRequirement({ groups }))],
  ["require.users", "email", (users) => failed(readRequirement({ users }))],
  [
    "platformAdminGroups (COGNITO_AUTH_PLATFORM_ADMIN_GROUPS)",
    "group",
    (platformAdminGroups) => failed(readSettings({ ...good, policy: Policy.anyUser, platformAdminGroups }, {}))
  ]
]

const valid = {
  group: anyGroup().filter((name) => name === name.trim() && !/\p{Cc}/u.test(name)),
  email: anyEmail(),
  domain: fc.constantFrom("example.com", "*.example.com", ".example.org")
}

// What `trim` takes off, and every line end and control character (Unicode: White_Space, Cc, Zl, Zp).
const space = fc.constantFrom(" ", "\t", "\n", "\r\n", "\u00a0", "\u2003", "\u3000", "\ufeff", "\u2028", "\u2029", "\u0085", "\v", "\0")
const control = fc.constantFrom("\n", "\r", "\t", "\0", "\u001f", "\u007f", "\u0085", "\u2028", "\u2029")

const spoilt = (kind: keyof typeof valid) =>
  fc.oneof(
    fc.tuple(valid[kind], space).map(([entry, each]) => entry + each),
    fc.tuple(valid[kind], space).map(([entry, each]) => each + entry),
    fc.tuple(valid[kind], control).map(([entry, each]) => entry.slice(0, 1) + each + entry.slice(1)),
    space
  )

const problems = [
  "begins or ends with white space: remove it, because entries are compared exactly.",
  "contains a line break or another control character: write each name as a separate entry."
]

describe("an entry of a list", () => {
  it.each(lists)(
    "∀ entry of %s with white space around it or a control character in it: a fault that names its position alone",
    (setting, kind, read) => {
      const entries = fc.tuple(fc.array(valid[kind], { maxLength: 3 }), spoilt(kind), fc.array(valid[kind], { maxLength: 2 }))
      fc.assert(
        fc.property(entries, ([before, entry, after]) => {
          expect(read([...before, ...after])).toEqual([])
          const faults = read([...before, entry, ...after])
          expect(faults.map((fault) => fault.setting)).toEqual([setting])
          // Whole, so that nothing of the entry is in it.
          expect(problems.map((problem) => `entry ${before.length + 1} ${problem}`)).toContain(faults[0]?.problem)
        }),
        { numRuns: runs(60) }
      )
    }
  )

  it("says what to do", () => {
    expect(thrownBy(() => Policy.groups(["staff", "staff "]))[0]?.problem).toBe(`entry 2 ${problems[0]}`)
    expect(thrownBy(() => Policy.users(["ada@example.com\r\nbob@example.com"]))[0]?.problem).toBe(`entry 1 ${problems[1]}`)
  })

  it.each([..."\u00ad\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202e\u2060\u2066\u2069"].map((each) => [each]))(
    "neither begins nor ends with an invisible character: %j",
    (invisible) => {
      for (const entry of [`staff${invisible}`, `${invisible}staff`, `${invisible} staff`, `${invisible}`]) {
        expect(thrownBy(() => Policy.groups([entry]))[0]?.problem).toBe(
          "entry 1 begins or ends with an invisible character: remove it, because entries are compared exactly."
        )
      }
      // Within a word, some scripts need them.
      expect(thrownBy(() => Policy.groups([`st${invisible}aff`]))).toEqual([])
    }
  )

  it("may have white space within, as groups of some providers do, and is that group alone", () => {
    const policy = Policy.fromLists({ allowedGroups: ["all staff"] })
    expect(verdictOf(policy, userWith("a@example.com", ["all staff"])).allowed).toBe(true)
    for (const other of ["all  staff", "allstaff", "all staff ", "all\u00a0staff"]) {
      expect(verdictOf(policy, userWith("a@example.com", [other])).allowed).toBe(false)
    }
  })

  it("of a comma list in the environment is trimmed, where there is nothing else that could be meant", () => {
    const settings = successOf(
      readSettings({ ...good }, { COGNITO_AUTH_ALLOWED_GROUPS: " staff ,\tadmins\n", COGNITO_AUTH_ALLOWED_USERS: " ada@example.com " })
    )
    const policy = settings.policySource.peek(0)
    expect(verdictOf(policy, userWith("x@example.com", ["staff"])).allowed).toBe(true)
    expect(verdictOf(policy, userWith("x@example.com", ["admins"])).allowed).toBe(true)
    expect(verdictOf(policy, userWith("ada@example.com")).allowed).toBe(true)
    expect(verdictOf(policy, userWith("x@example.com", ["staff "])).allowed).toBe(false)
    expect(failureOf(readSettings({ ...good }, { COGNITO_AUTH_ALLOWED_GROUPS: "staff\nadmins" }))).toEqual([
      { setting: "COGNITO_AUTH_ALLOWED_GROUPS", problem: expect.stringContaining("entry 1 contains a line break") }
    ])
  })
})

describe("the ids that tokens are compared with", () => {
  it("are exact in code, and trimmed only in the environment", () => {
    const faultsOf = (options: object) => failed(readSettings({ ...good, policy: Policy.anyUser, ...options }, {}))
    for (const [option, value] of Object.entries(good)) {
      for (const given of [` ${value}`, `${value}\n`, [` ${value}`], [`${value} `]]) {
        expect(faultsOf({ [option]: given })).toEqual([
          {
            setting: expect.stringMatching(`^${option} \\(COGNITO_AUTH_`),
            problem: expect.stringContaining("begins or ends with white space")
          }
        ])
      }
      expect(faultsOf({ [option]: [value, `${value} `] })[0]?.problem).toContain("entry 2 begins or ends with white space")
      expect(faultsOf({ [option]: `${value}, ${value}` })[0]?.problem).toContain("entry 2 begins or ends with white space")
      expect(faultsOf({ [option]: `${value},${value}` })).toEqual([])
    }
    const environment = {
      COGNITO_AUTH_USER_POOL_ID: ` ${good.userPoolId} `,
      COGNITO_AUTH_CLIENT_ID: " client-1 ,\tclient-2\n",
      COGNITO_AUTH_ALB_ARN: `\n${good.albArn}`
    }
    const settings = successOf(readSettings({ policy: Policy.anyUser }, environment))
    expect([...settings.clientIds]).toEqual(["client-1", "client-2"])
    expect([...settings.signers.keys()]).toEqual([good.albArn])
  })
})
