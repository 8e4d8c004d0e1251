/**
 * What a response must be, exactly where the design leaves no choice.
 *
 * @module
 */
import assert from "node:assert/strict"
import { isDeepStrictEqual } from "node:util"
import type { AuthErrorTag } from "@cognito-auth/core"
import { redirectUrl, secret } from "./describeApp.ts"
import type { RawAnswer } from "./http/rawHttp.ts"

/** All values of a header field; none if it was not sent. */
export const field = (answer: RawAnswer, name: string): ReadonlyArray<string> => answer.headers.get(name) ?? []

const expectField = (answer: RawAnswer, name: string, values: ReadonlyArray<string>): void =>
  expectSame(answer, field(answer, name), values, `the header ${name} of `)

const show = (answer: RawAnswer): string => JSON.stringify({ ...answer, headers: Object.fromEntries(answer.headers) })

/** The message shows the whole answer: it is written only if it is wanted, because it takes longer than to compare. */
const expectSame = (answer: RawAnswer, actual: unknown, expected: unknown, what = ""): void => {
  if (!isDeepStrictEqual(actual, expected)) assert.deepEqual(actual, expected, what + show(answer))
}

export const expectStatus = (answer: RawAnswer, status: number): void => expectSame(answer, answer.status, status)

/** The request reached the app. `body`: the expected body; left out if it does not matter. */
export const expectAdmitted = (answer: RawAnswer, body?: string): void => {
  expectStatus(answer, 200)
  if (body !== undefined) assert.equal(answer.body, body)
}

/** The request was refused with the status and a problem document that discloses nothing about the app. */
export const expectRefused = (answer: RawAnswer, status: 400 | 401 | 403 | 414 | 503, error: AuthErrorTag): void => {
  expectRefusedHead(answer, status)
  const problem: unknown = JSON.parse(answer.body)
  if (typeof problem !== "object" || problem === null) assert.fail(show(answer))
  const { title, header, check, ...rest } = problem as Record<string, unknown>
  expectSame(answer, rest, { type: "about:blank", status, error })
  assert(typeof title === "string" && title.length > 0, `a title in ${answer.body}`)
  // Only a refused token has a header to name, and a failed check.
  assert.equal(typeof header, status === 401 ? "string" : "undefined", answer.body)
  assert.equal(typeof check, status === 401 ? "string" : "undefined", answer.body)
}

/** The same without the body, as for a HEAD. */
export const expectRefusedHead = (answer: RawAnswer, status: 400 | 401 | 403 | 414 | 503, type = "application/problem+json"): void => {
  expectStatus(answer, status)
  expectField(answer, "content-type", [type])
  expectField(answer, "cache-control", ["no-store"])
  expectField(answer, "www-authenticate", status === 401 ? ['Bearer error="invalid_token"'] : [])
  expectField(answer, "location", [])
  if (status === 503) assert.match(field(answer, "retry-after").join(), /^[1-9]\d*$/, `the header retry-after of ${show(answer)}`)
  else expectField(answer, "retry-after", [])
  expectNothingOfTheApp(answer)
}

/** The page load was refused with the status and a self-contained HTML page. */
export const expectPage = (answer: RawAnswer, status: 401 | 403 | 503, error: AuthErrorTag): void => {
  expectPageHead(answer, status)
  assert.match(answer.body, /^<!doctype html>\n<html lang="en">/, show(answer))
  assert(answer.body.includes(`${status} ${error}`) && answer.body.endsWith("</html>\n"), show(answer))
}

/** The same without the body. `allowed`: the style directive of its content security policy. */
export const expectPageHead = (answer: RawAnswer, status: 401 | 403 | 503, allowed = "style-src 'sha256-"): void => {
  expectRefusedHead(answer, status, "text/html; charset=utf-8")
  const [policy = "", ...more] = field(answer, "content-security-policy")
  assert.deepEqual(more, [], "one content security policy")
  for (const part of ["default-src 'none';", allowed, "frame-ancestors 'none'"]) assert(policy.includes(part), `${part} in ${policy}`)
  expectField(answer, "x-content-type-options", ["nosniff"])
  expectField(answer, "referrer-policy", ["no-referrer"])
}

/** The page load was redirected. */
export const expectRedirected = (answer: RawAnswer, location = redirectUrl): void => {
  expectStatus(answer, 302)
  expectField(answer, "location", [location])
  expectField(answer, "cache-control", ["no-store"])
  expectField(answer, "www-authenticate", [])
  assert.equal(answer.body, "")
}

export const expectNothingOfTheApp = (answer: RawAnswer): void => {
  if (answer.body.includes(secret) || answer.body === "ok" || answer.body.startsWith("Hello")) assert.fail(show(answer))
  expectField(answer, "set-cookie", [])
}

/** No response discloses what was sent, or how the app is configured. */
export const expectDiscreet = (answer: RawAnswer, ...secrets: ReadonlyArray<string>): void => {
  const whole = show(answer)
  for (const each of secrets) assert(!whole.includes(each), `nothing of ${JSON.stringify(each)} in ${whole}`)
}
