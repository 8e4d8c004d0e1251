/** The three headers as they can stand in a request, and much that is not they. */
import assert from "node:assert/strict"
import type { AuthErrorTag } from "@cognito-auth/core"
import { expectAdmitted, expectNothingOfTheApp, expectRefused } from "../expectations.ts"
import { curl } from "../http/clients.ts"
import type { HeaderLines } from "../http/rawHttp.ts"
import type { Row } from "../Stage.ts"

const requests = "requests"

/** How a good sign-in's header lines are changed; `others` are those of another user. */
type Change = (lines: HeaderLines, others: HeaderLines) => HeaderLines

const only = (lines: HeaderLines, name: string): HeaderLines => lines.filter(([each]) => each === name)
const renamed =
  (rename: (name: string) => string): Change =>
  (lines) =>
    lines.map(([name, value]) => [rename(name), value])

const data = "x-amzn-oidc-data"
const accessToken = "x-amzn-oidc-accesstoken"
const identity = "x-amzn-oidc-identity"

const refused: ReadonlyArray<readonly [what: string, error: AuthErrorTag, change: Change]> = [
  ...[data, accessToken, identity].flatMap((name): typeof refused => [
    [`${name} in two lines`, "HeaderInvalid", (lines) => [...lines, ...only(lines, name)]],
    [`${name} in two lines, of two users`, "HeaderInvalid", (lines, others) => [...only(others, name), ...lines]],
    [
      `${name} in two lines, of which one in capitals`,
      "HeaderInvalid",
      (lines, others) => [...lines, ...only(others, name).map(([, value]) => [name.toUpperCase(), value] as const)]
    ],
    [
      `${name} with two values in one line`,
      "HeaderInvalid",
      (lines) => lines.map(([each, value]) => [each, each === name ? `${value}, ${value}` : value])
    ]
  ]),
  ["a token in an empty line beside the good one", "HeaderInvalid", (lines) => [[data, ""], ...lines]],
  ["an empty token", "HeaderMissing", (lines) => lines.map(([name, value]) => [name, name === data ? "" : value])],
  ["underscores instead of hyphens", "HeaderMissing", renamed((name) => name.replaceAll("-", "_"))],
  ["another prefix", "HeaderMissing", renamed((name) => `x-forwarded-${name}`)],
  [
    "the access token as a bearer token",
    "HeaderMissing",
    (lines) => only(lines, accessToken).map(([, value]) => ["authorization", `Bearer ${value}`])
  ],
  ["the tokens as cookies", "HeaderMissing", (lines) => [["cookie", lines.map(([name, value]) => `${name}=${value}`).join("; ")]]],
  ["the identity alone", "HeaderMissing", (lines) => only(lines, identity)]
]

export const headers: ReadonlyArray<Row> = [
  ...refused.map(
    ([what, error, change]): Row => ({
      name: `${what}: 401 ${error}`,
      part: requests,
      play: async ({ ask, signIn }) => {
        const lines = change(await signIn({ groups: ["admins"] }), await signIn({ groups: ["platform-admins"] }))
        expectRefused(await ask({ target: "/me", headers: [...curl.headers, ...lines] }), 401, error)
      }
    })
  ),
  {
    name: "the names of headers count in any case",
    part: requests,
    play: async ({ ask, signIn }) => {
      const lines = await signIn({ email: "ada@example.com" })
      for (const rename of [(name: string) => name.toUpperCase(), (name: string) => name.replace("x-amzn-oidc", "X-Amzn-Oidc")]) {
        expectAdmitted(await ask({ headers: renamed(rename)(lines, []) }), "Hello ada@example.com")
      }
    }
  },
  {
    name: "the identity header need not be there",
    part: requests,
    play: async ({ ask, signIn }) => expectAdmitted(await ask({ headers: await signIn({ email: "ada@example.com", identity: null }) }))
  },
  {
    name: "tokens as long as a load balancer sends them are admitted",
    part: requests,
    play: async ({ ask, signIn }) => {
      const groups = Array.from({ length: 180 }, (_, i) => `team-of-many-people-${i}`)
      const lines = await signIn({ groups })
      // Above 11 KiB in all, an ALB answers 500 itself (AWS ELB guide).
      const length = lines.reduce((sum, [, value]) => sum + value.length, 0)
      assert(length > 7_000 && length < 11_264, `the tokens are of ${length} bytes`)
      expectAdmitted(await ask({ headers: lines }))
    }
  },
  {
    name: "a header that is far too long is refused, and the app lives on",
    part: requests,
    play: async ({ ask, signIn }) => {
      const lines = await signIn()
      const answer = await ask({ headers: lines.map(([name, value]) => [name, name === data ? "A".repeat(20_000) : value]) })
      // Node itself refuses more than 16 KiB of headers by default.
      if (answer.status !== 431) expectRefused(answer, 401, "HeaderInvalid")
      expectNothingOfTheApp(answer)
      expectAdmitted(await ask({ headers: lines }))
    }
  },
  {
    name: "tokens in the query are no sign-in",
    part: requests,
    play: async ({ ask, signIn }) => {
      const query = (await signIn()).map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&")
      expectRefused(await ask({ target: `/me?${query}`, headers: curl.headers }), 401, "HeaderMissing")
    }
  },
  {
    name: "tokens in the body are no sign-in",
    part: requests,
    play: async ({ ask, signIn }) => {
      const body = (await signIn()).map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&")
      const lines: HeaderLines = [...curl.headers, ["content-type", "application/x-www-form-urlencoded"]]
      expectRefused(await ask({ target: "/me", method: "POST", headers: lines, body }), 401, "HeaderMissing")
    }
  }
]
