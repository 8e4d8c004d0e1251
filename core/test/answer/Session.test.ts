import { isClosed, millisLeft, sessionExpiredCloseCode, sessionResponse } from "@cognito-auth/core/Session"
import { expect, it } from "vitest"
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

it("a connection has closed where it says so, or its HTTP/2 stream does", () => {
  expect(isClosed({ destroyed: true })).toBe(true)
  expect(isClosed({ stream: { destroyed: true } })).toBe(true)
  for (const open of [{}, { destroyed: false }, { stream: { destroyed: false } }]) expect(isClosed(open)).toBe(false)
})

it("the close code is in the range of applications (RFC 6455 §7.4.2)", () => {
  expect(sessionExpiredCloseCode).toBe(4401)
})
