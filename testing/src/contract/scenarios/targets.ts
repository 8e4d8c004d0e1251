/** Request targets that servers read in different ways: refused for everybody, whatever the path. */
import assert from "node:assert/strict"
import { expectAdmitted, expectNothingOfTheApp, expectRefused, field } from "../expectations.ts"
import { curl } from "../http/clients.ts"
import type { Row } from "../Stage.ts"

/** Routers truncate a target at "#", some servers at NUL: only they read "/health#/../admin" as "/health". */
const fragments: ReadonlyArray<string> = ["/me#x", "/admin#/health", "/health#", "/health#/../admin", "/me?x=1#/admin"]

/** Most servers refuse these by themselves. */
const controls: ReadonlyArray<string> = ["/me\x01", "/me\x7f", "/health\t", "/health\x00/../admin"]

export const targets: ReadonlyArray<Row> = [
  ...fragments.map(
    (target): Row => ({
      name: `the target ${target} has a raw #: 400 TargetInvalid`,
      part: "requests",
      play: async ({ ask, signIn }) => {
        expectRefused(await ask({ target, headers: curl.headers }), 400, "TargetInvalid")
        expectRefused(await ask({ target, headers: [...curl.headers, ...(await signIn({ groups: ["admins"] }))] }), 400, "TargetInvalid")
        expectAdmitted(await ask({ target: "/me", headers: await signIn({ groups: ["admins"] }) }))
      }
    })
  ),
  ...controls.map(
    (target): Row => ({
      name: `the target ${JSON.stringify(target)} has a control character: 400`,
      part: "requests",
      play: async ({ ask, signIn }) => {
        const answer = await ask({ target, headers: await signIn({ groups: ["admins"] }) })
        assert.equal(answer.status, 400)
        expectNothingOfTheApp(answer)
        expectAdmitted(await ask({ target: "/me", headers: await signIn({ groups: ["admins"] }) }))
      }
    })
  ),
  {
    // A server with a lower limit for all that it reads answers 431 by itself, and a load balancer in front of it 414.
    name: "a target of more than 16 KiB, on whatever path: 414 TargetTooLong",
    part: "requests",
    play: async ({ ask, signIn }) => {
      const target = `/health?${"x".repeat(16_384)}`
      for (const headers of [curl.headers, [...curl.headers, ...(await signIn({ groups: ["admins"] }))]]) {
        const answer = await ask({ target, headers })
        const isLoadBalancers = answer.status === 414 && field(answer, "server").join() === "awselb/2.0"
        if (answer.status !== 431 && !isLoadBalancers) expectRefused(answer, 414, "TargetTooLong")
        expectNothingOfTheApp(answer)
      }
      expectAdmitted(await ask({ target: "/me", headers: await signIn({ groups: ["admins"] }) }))
    }
  }
]
