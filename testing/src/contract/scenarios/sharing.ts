/** Many requests on one app, and on one connection: no user's data reaches another. */
import assert from "node:assert/strict"
import { expectAdmitted, expectPage, expectRefused } from "../expectations.ts"
import { curl, pageLoad } from "../http/clients.ts"
import { askInOneGo } from "../http/rawHttp.ts"
import { pause, type Row } from "../Stage.ts"

const requests = "requests"

export const sharing: ReadonlyArray<Row> = [
  {
    name: "requests on one connection are decided each by itself",
    part: requests,
    play: async ({ port, signIn }) => {
      const [ada, grace] = await Promise.all([signIn({ email: "ada@example.com" }), signIn({ email: "grace@example.com" })])
      const body = "a body that nobody reads: GET / HTTP/1.1\r\n\r\n".repeat(20)
      const answers = await askInOneGo(port, [
        { headers: ada },
        { headers: curl.headers },
        { headers: grace },
        { method: "POST", headers: curl.headers, body },
        { headers: pageLoad.headers },
        { method: "POST", headers: ada, body },
        { method: "HEAD", headers: curl.headers },
        { target: "/health" },
        { target: "/admin", headers: [...curl.headers, ...ada] },
        { headers: grace }
      ])
      const statuses = answers.map(({ status }) => status)
      assert.deepEqual(statuses, [200, 401, 200, 401, 401, 200, 401, 200, 403, 200])
      const bodies = answers.filter(({ status }) => status === 200).map((answer) => answer.body)
      assert.deepEqual(bodies, ["ada", "grace", "ada"].map((name) => `Hello ${name}@example.com`).concat("ok", "Hello grace@example.com"))
    }
  },
  {
    name: "users who ask at the same time are kept apart",
    part: requests,
    before: (keys) => keys.misbehave("slow", { delay: "100 millis" }),
    play: async ({ ask, signIn }) => {
      const users = ["ada", "grace", "mary"].map((name) => `${name}@example.com`)
      const signIns = await Promise.all(users.map((email) => signIn({ email, groups: email.startsWith("ada") ? ["admins"] : [] })))
      const rounds = Array.from({ length: 8 }, async () => {
        const [admin, other, none, ...mine] = await Promise.all([
          ask({ target: "/admin", headers: [...curl.headers, ...(signIns[0] ?? [])] }),
          ask({ target: "/admin", headers: [...curl.headers, ...(signIns[1] ?? [])] }),
          ask({ headers: pageLoad.headers }),
          ...signIns.map((headers) => ask({ headers }))
        ])
        assert.equal(admin?.status, 200)
        assert.equal(other?.status, 403)
        if (none !== undefined) expectPage(none, 401, "HeaderMissing")
        assert.deepEqual(
          mine.map(({ body }) => body),
          users.map((email) => `Hello ${email}`)
        )
      })
      await Promise.all(rounds)
    }
  },
  {
    name: "a client that leaves while it is decided does no harm",
    part: requests,
    before: (keys) => keys.misbehave("slow", { delay: "150 millis" }),
    play: async ({ ask, open, signIn }) => {
      const headers = await signIn()
      for (const target of ["/", "/admin", "/session"]) {
        const connection = await open({ target, headers })
        await pause(20)
        connection.destroy()
      }
      const forged = await signIn({ alb: { afterSigning: (token) => `${token.slice(0, -8)}AAAAAAA=` } })
      const connection = await open({ headers: forged })
      await pause(20)
      connection.destroy()
      await pause(200)
      expectAdmitted(await ask({ headers }))
      expectRefused(await ask({ headers: curl.headers }), 401, "HeaderMissing")
    }
  }
]
