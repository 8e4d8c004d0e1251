import { cognitoAuth } from "@cognito-auth/lambda"
import { attacks } from "@cognito-auth/testing"
import { headerSet, user } from "@cognito-auth/testing/arbitraries"
import * as fc from "fast-check"
import { expect, it } from "vitest"
import { runs } from "../../../testing/test/runs.ts"
import { sharedForge } from "../../../testing/test/sharedForge.ts"
import { webPath } from "../../../testing/test/urls.ts"
import { context, eventOf } from "./events.ts"

const forge = await sharedForge()
const auth = cognitoAuth({ ...forge.settings().options, keySource: forge.keySource(), logger: false })
const handler = auth.withAuth(
  (_event, _context, user) => ({ statusCode: 200, body: JSON.stringify([user.sub, user.email, user.groups]) }),
  {
    bypass: ["/health"]
  }
)

/** What the answer says, without the form in which it says it. */
const answerTo = async (asked: Parameters<typeof eventOf>[0]) => {
  const { headers, multiValueHeaders, ...rest } = await handler(eventOf(asked), context)
  const fields = Object.entries(multiValueHeaders ?? headers ?? {}).map(([name, values]) => [name, [values].flat()])
  return { ...rest, fields: Object.fromEntries(fields) }
}

const method = fc.constantFrom("GET", "HEAD", "POST", "OPTIONS")
const path = fc.oneof(fc.constantFrom("/", "/health", "/health/", "//health", "/HEALTH", "/health?x"), webPath)
const client = fc.record(
  {
    accept: fc.constantFrom(
      "*/*",
      "text/html",
      "text/html,application/json;q=0.9",
      "application/json, text/html;q=0.1",
      "text/event-stream"
    ),
    "sec-fetch-mode": fc.constantFrom("navigate", "cors", "no-cors")
  },
  { requiredKeys: [] }
)
const textOnly = (headers: object): Record<string, string | ReadonlyArray<string>> =>
  Object.fromEntries(
    Object.entries(headers).filter(([, value]) => [value].flat().every((each) => typeof each === "string") && [value].flat().length > 0)
  )

it("∀ user, client, method and path: single-value and multi-value headers get the same answer, which is the user's", async () => {
  await fc.assert(
    fc.asyncProperty(user(), client, method, path, async (who, client, method, path) => {
      const headers = { ...client, ...(await forge.headers(who)) }
      const [single, multi] = [
        await answerTo({ form: "single", method, path, headers }),
        await answerTo({ form: "multi", method, path, headers })
      ]
      expect(multi).toEqual(single)
      expect(single.statusCode).toBe(200)
      const bypassed = path === "/health" || path === "/health/"
      expect(JSON.parse(single.body ?? "")).toEqual(bypassed ? ["", "", []] : [who.sub, who.email ?? "", who.groups ?? []])
    }),
    { numRuns: runs(50) }
  )
})

it("∀ header set, client, method and path: both forms get the same answer, and never an exception", async () => {
  const genuine = await forge.headers({ email: "ada@example.com" })
  await fc.assert(
    fc.asyncProperty(headerSet(genuine), client, method, path, async (set, client, method, path) => {
      const headers = { ...textOnly(set), ...client }
      const single = await answerTo({ form: "single", method, path, headers })
      expect(await answerTo({ form: "multi", method, path, headers })).toEqual(single)
    }),
    { numRuns: runs(150) }
  )
})

it("∀ attack: both forms refuse it alike", async () => {
  for (const { title, error, headers } of Object.values(attacks)) {
    const sent = await headers(forge)
    for (const form of ["single", "multi"] as const) {
      const answer = await answerTo({ form, headers: sent })
      expect([answer.statusCode, JSON.parse(answer.body ?? "").error], title).toEqual([401, error])
    }
  }
})
