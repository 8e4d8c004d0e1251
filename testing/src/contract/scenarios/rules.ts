/** What single routes ask of their users, beyond the guard of the whole app. */
import assert from "node:assert/strict"
import { Policy } from "@cognito-auth/core"
import * as Effect from "effect/Effect"
import type { HeaderForgery } from "../../forge/forgeHeaders.ts"
import { secret } from "../describeApp.ts"
import { expectAdmitted, expectPage, expectRefused } from "../expectations.ts"
import { curl, pageLoad } from "../http/clients.ts"
import type { Row } from "../Stage.ts"

const requests = "requests"

type Case = readonly [path: string, who: string, user: HeaderForgery, mayEnter: boolean]

const member = { email: "ada@example.com", groups: ["staff", "admins"] }
const platformAdmin = { email: "ada@example.com", groups: ["platform-admins"] }
const appAdmin = { email: "root@example.com" }
const grace = { email: "grace@example.com" }

const cases: ReadonlyArray<Case> = [
  ["/admin", "a member of the group", member, true],
  ["/admin", "a member of another group", { groups: ["staff"] }, false],
  ["/admin", "a member of a group in other letters", { groups: ["Admins", "ADMINS", "admins "] }, false],
  ["/admin", "a user in no group", {}, false],
  ["/admin", "a user whose groups are one text", { access: { claims: { "cognito:groups": "admins" } } }, false],
  ["/admin", "a user whose groups only the load balancer tells", { alb: { claims: { "cognito:groups": ["admins"] } } }, false],
  ["/admin", "an administrator of the platform", platformAdmin, true],
  ["/admin", "an administrator of the app", appAdmin, true],
  ["/users-only", "the user who is named", grace, true],
  ["/users-only", "the user who is named, in capitals", { email: "GRACE@EXAMPLE.COM" }, true],
  ["/users-only", "the user who is named, with an e-mail that is not verified", { ...grace, emailVerified: false }, false],
  ["/users-only", "another user", member, false],
  ["/users-only", "a user without an e-mail", { email: undefined }, false],
  ["/users-only", "an administrator of the platform", platformAdmin, true],
  ["/users-only", "an administrator of the app", appAdmin, true],
  ["/either", "a member of the group", member, true],
  ["/either", "the user who is named", grace, true],
  ["/either", "neither", { groups: ["staff"] }, false],
  ["/admins-only", "an administrator of the platform", platformAdmin, true],
  ["/admins-only", "an administrator of the app", appAdmin, true],
  ["/admins-only", "a member of a group called admins", member, false]
]

export const rules: ReadonlyArray<Row> = [
  ...cases.map(
    ([path, who, user, mayEnter]): Row => ({
      name: `${path}: ${who} ${mayEnter ? "may enter" : "gets 403"}`,
      part: requests,
      play: async ({ ask, signIn }) => {
        const headers = [...curl.headers, ...(await signIn(user))]
        // The same user may see a page that requires no more than a sign-in.
        expectAdmitted(await ask({ headers }))
        const answer = await ask({ target: `${path}?x=1`, headers })
        if (mayEnter) expectAdmitted(answer, `${secret}: ${user.email}`)
        else expectRefused(answer, 403, "NotAuthorised")
      }
    })
  ),
  {
    name: "a rule is asked whatever the method",
    part: requests,
    play: async ({ ask, signIn }) => {
      const headers = [...curl.headers, ...(await signIn({ groups: ["staff"] }))]
      for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
        expectRefused(await ask({ target: "/admin", method, headers }), 403, "NotAuthorised")
      }
    }
  },
  {
    name: "a rule without sign-in: 401, not 403",
    part: requests,
    play: async ({ ask }) => {
      for (const target of ["/admin", "/users-only", "/admins-only", "/either"]) {
        expectRefused(await ask({ target, headers: curl.headers }), 401, "HeaderMissing")
      }
    }
  },
  {
    name: "a rule on a path of bypass protects itself",
    part: requests,
    play: async ({ ask, signIn }) => {
      const target = "/alone"
      expectRefused(await ask({ target, headers: curl.headers }), 401, "HeaderMissing")
      expectPage(await ask({ target, headers: pageLoad.headers }), 401, "HeaderMissing")
      expectRefused(await ask({ target, headers: [...curl.headers, ...(await signIn())] }), 403, "NotAuthorised")
      expectAdmitted(await ask({ target, headers: await signIn(member) }), `${secret}: ada@example.com`)
    }
  },
  {
    name: "the policy's own rule comes before a route's",
    part: requests,
    variant: { options: { policy: Policy.fromLists({ allowedGroups: ["staff"] }) } },
    play: async ({ ask, signIn }) => {
      const outsider = [...curl.headers, ...(await signIn({ groups: ["admins"] }))]
      expectRefused(await ask({ headers: outsider }), 403, "NotAuthorised")
      expectRefused(await ask({ target: "/admin", headers: outsider }), 403, "NotAuthorised")
      expectAdmitted(await ask({ target: "/admin", headers: await signIn(member) }))
    }
  },
  {
    name: "a policy may take its time",
    part: requests,
    variant: {
      options: {
        policy: Policy.make(Policy.rule("whom another system knows", ({ groups }) => Effect.delay(Effect.succeed(groups.length > 0), 20)))
      }
    },
    play: async ({ ask, signIn }) => {
      const [known, unknown] = await Promise.all([
        ask({ target: "/admin", headers: await signIn(member) }),
        ask({ target: "/admin", headers: [...curl.headers, ...(await signIn())] })
      ])
      expectAdmitted(known)
      expectRefused(unknown, 403, "NotAuthorised")
    }
  },
  {
    name: "the app is told who its user is",
    part: requests,
    play: async ({ ask, signIn }) => {
      const user = {
        sub: "7d8ca528-5f57-4c5c-9d3b-6a3f0f7e7c11",
        email: "zoë@example.com",
        name: "Zoë +/=-_ Ångström 張",
        groups: ["a b", "platform-admins"]
      }
      const answer = await ask({ target: "/me", headers: await signIn(user) })
      expectAdmitted(answer)
      assert.deepEqual(JSON.parse(answer.body), { ...user, isAdmin: true })
    }
  }
]
