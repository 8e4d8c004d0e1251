import { Service } from "@cognito-auth/core"
import { isClosed, millisLeft, sessionExpiredCloseCode, sessionResponse } from "@cognito-auth/core/Session"
import fc from "fast-check"
import { expect, it } from "vitest"
import { runs } from "../../../testing/test/runs.ts"
import { userOf } from "../userOf.ts"

const end = 1_700_000_000_000
const user = userOf({ access: { exp: end / 1000 } })

it("the answer says when the session ends, and in how many whole seconds; none once it has ended", () => {
  const answer = sessionResponse(user, end - 90_999)
  expect(answer).toMatchObject({ status: 200, headers: { "content-type": "application/json", "cache-control": "no-store" } })
  expect(JSON.parse(answer.body)).toEqual({ expiresAt: "2023-11-14T22:13:20.000Z", expiresInSeconds: 90 })
  for (const nowMillis of [end, end + 1_000])
    expect(JSON.parse(sessionResponse(user, nowMillis).body)).toMatchObject({ expiresInSeconds: 0 })
})

it("what is left is counted to the millisecond, and below zero afterwards", () => {
  expect(millisLeft(user, end - 1)).toBe(1)
  expect(millisLeft(user, end + 1)).toBe(-1)
})

it("∀ exp, those too that no Date can hold: the answer is JSON, and what is left is a number; it never ends before one that ends earlier", () => {
  const lastSecond = 8_640_000_000_000
  const exp = fc.oneof(fc.constantFrom(lastSecond, lastSecond + 1, Number.MAX_SAFE_INTEGER, Number.MAX_VALUE), fc.nat())
  fc.assert(
    fc.property(exp, exp, (one, other) => {
      for (const principalOf of [(exp: number) => userOf({ access: { exp } }), (exp: number) => Service.fromClaims({ exp })]) {
        const [earlier, later] = [principalOf(Math.min(one, other)), principalOf(Math.max(one, other))]
        expect(Date.parse(JSON.parse(sessionResponse(later, 0).body).expiresAt)).toBe(later.expiresAt.getTime())
        expect(millisLeft(later, 0)).toBe(Math.min(Math.max(one, other), lastSecond) * 1000)
        expect(millisLeft(earlier, 0)).toBeLessThanOrEqual(millisLeft(later, 0))
      }
    }),
    { numRuns: runs(300) }
  )
})

it("a connection has closed where it says so, or its HTTP/2 stream does", () => {
  expect(isClosed({ destroyed: true })).toBe(true)
  expect(isClosed({ stream: { destroyed: true } })).toBe(true)
  for (const open of [{}, { destroyed: false }, { stream: { destroyed: false } }]) expect(isClosed(open)).toBe(false)
})

it("the close code is in the range of applications (RFC 6455 §7.4.2)", () => {
  expect(sessionExpiredCloseCode).toBe(4401)
})
