/** Responses that stay open: admitted like any other, and closed with the session if the route's options say so. */
import assert from "node:assert/strict"
import { expectAdmitted, expectPage, expectRefused } from "../expectations.ts"
import { eventStream, pageLoad } from "../http/clients.ts"
import { type RawConnection, readHead } from "../http/rawHttp.ts"
import { pause, type Row, toLines } from "../Stage.ts"

const streams = "streams"

/** Waits for the head and the text, wherever it stands in the framing of the body. */
const opened = async (connection: RawConnection, type: string, first: string): Promise<void> => {
  const head = await connection.until("the head of a stream", () => readHead(connection.received))
  assert.equal(head.status, 200)
  assert.equal(head.headers.get("content-type")?.[0]?.split(";")[0], type)
  await connection.until(JSON.stringify(first), () => connection.received.includes(first) || undefined)
}

/** An access token of this many seconds at most, and when it expires. */
export const shortLived = (seconds: number) => {
  const exp = Math.floor(Date.now() / 1000) + seconds
  return { forgery: { access: { claims: { exp } } }, expiresAt: exp * 1000 }
}

/** How long after the expiry a connection may stay open: a second for the close frame, and some more on a busy machine. */
export const graceMillis = 4_000

export const longLived: ReadonlyArray<Row> = [
  {
    name: "an event stream is closed when the session expires, and not before",
    part: streams,
    play: async ({ forge, open }) => {
      const { forgery, expiresAt } = shortLived(3)
      const connection = await open({ target: "/events", headers: [...eventStream.headers, ...toLines(await forge.headers(forgery))] })
      await opened(connection, "text/event-stream", "data: hello\n\n")
      const endedAt = await connection.ended("the stream to end with the session", expiresAt + graceMillis - Date.now())
      assert(endedAt >= expiresAt - 100, `the stream ended ${expiresAt - endedAt} ms before the session`)
    }
  },
  {
    name: "a response that did not ask for it outlives the session",
    part: streams,
    play: async ({ forge, open }) => {
      const { forgery, expiresAt } = shortLived(2)
      const connection = await open({ target: "/download", headers: toLines(await forge.headers(forgery)) })
      await opened(connection, "application/octet-stream", "the first bytes")
      await pause(expiresAt + 2_500 - Date.now())
      assert.equal(connection.endedAt, undefined)
    }
  },
  {
    name: "an event stream of a session that lasts stays open; one that its client leaves does no harm",
    part: streams,
    play: async ({ ask, open, signIn }) => {
      const headers = await signIn({ email: "ada@example.com" })
      const [staying, leaving] = await Promise.all([open({ target: "/events", headers }), open({ target: "/events", headers })])
      for (const each of [staying, leaving]) await opened(each, "text/event-stream", "data: hello\n\n")
      leaving.destroy()
      await pause(100)
      expectAdmitted(await ask({ headers }), "Hello ada@example.com")
      assert.equal(staying.endedAt, undefined)
    }
  },
  {
    name: "an event stream without sign-in is refused as any request",
    part: streams,
    play: async ({ ask, signIn }) => {
      const target = "/events"
      expectRefused(await ask({ target, headers: eventStream.headers }), 401, "HeaderMissing")
      expectPage(await ask({ target, headers: pageLoad.headers }), 401, "HeaderMissing")
      const forged = await signIn({ alb: { header: { client: "another" } } })
      expectRefused(await ask({ target, headers: [...eventStream.headers, ...forged] }), 401, "ClientRefused")
    }
  }
]
