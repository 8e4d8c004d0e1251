/** Upgrades: admitted, refused with a real status, and ended with the session. */
import assert from "node:assert/strict"
import { sessionExpiredCloseCode } from "@cognito-auth/core"
import { redirectUrl } from "../describeApp.ts"
import { expectAdmitted, expectRefused } from "../expectations.ts"
import { curl, pageLoad } from "../http/clients.ts"
import { readHead } from "../http/rawHttp.ts"
import { toCloseFrame } from "../http/webSocket.ts"
import { cutOff, pause, type Row, toLines } from "../Stage.ts"
import { graceMillis, shortLived } from "./streams.ts"
import { refusedUpgrade, say, upgrade, webSocket } from "./webSocketClient.ts"

const upgrades = "upgrades"

const evasions = [
  "//ws-open",
  "/WS-OPEN",
  "/ws-open/../ws",
  "/%77s-open",
  "/ws-open%2f..%2fws",
  "/ws?/ws-open",
  "http://app.example/ws-open"
]

export const upgrading: ReadonlyArray<Row> = [
  {
    name: "an upgrade of a signed-in user is admitted, and the app knows who it is",
    part: upgrades,
    play: async (stage) => {
      const connection = await upgrade(stage, "/ws?room=1", await stage.signIn({ email: "ada@example.com" }))
      const { hears } = await webSocket(connection)
      await hears("hello", "ada@example.com said hello")
      await hears("é".repeat(200), `ada@example.com said ${"é".repeat(200)}`)
      assert.deepEqual(stage.refusals, [])
    }
  },
  {
    name: "what a client says before it is admitted is not lost",
    part: upgrades,
    before: (keys) => keys.misbehave("slow", { delay: "100 millis" }),
    play: async (stage) => {
      const connection = await upgrade(stage, "/ws", await stage.signIn({ email: "ada@example.com" }))
      connection.send(say("early"))
      const { hears } = await webSocket(connection)
      // Each is answered in its turn: an answer to the second alone is the loss of the first.
      await hears("late", "ada@example.com said late")
      assert(connection.received.includes("ada@example.com said early"), "an answer to what was said early")
    }
  },
  {
    name: "an upgrade without sign-in gets 401 for every kind of client, and its socket is closed",
    part: upgrades,
    play: async (stage) => {
      expectRefused(await refusedUpgrade(stage, "/ws", []), 401, "HeaderMissing")
      expectRefused(await refusedUpgrade(stage, "/ws", pageLoad.headers), 401, "HeaderMissing")
      assert.deepEqual(
        stage.refusals.map(({ error }) => error),
        ["HeaderMissing", "HeaderMissing"]
      )
    }
  },
  {
    name: 'an upgrade is never redirected, not even by onFailure "redirect"',
    part: upgrades,
    variant: { onFailure: "redirect", options: { redirectUrl } },
    play: async (stage) => expectRefused(await refusedUpgrade(stage, "/ws", pageLoad.headers), 401, "HeaderMissing")
  },
  {
    name: "an upgrade with a forged sign-in gets 401",
    part: upgrades,
    play: async (stage) => {
      const forged = await stage.signIn({ alb: { header: { signer: "another" } } })
      expectRefused(await refusedUpgrade(stage, "/ws", forged), 401, "SignerRefused")
      expectRefused(await refusedUpgrade(stage, "/ws", await stage.signIn({ duplicate: ["data"] })), 401, "HeaderInvalid")
      const tampered = await stage.signIn({ alb: { signWith: () => Buffer.alloc(64, 1) } })
      expectRefused(await refusedUpgrade(stage, "/ws", tampered), 401, "SignatureInvalid")
    }
  },
  {
    name: "an upgrade while the keys are down gets 503",
    part: upgrades,
    before: cutOff,
    play: async (stage) => {
      expectRefused(await refusedUpgrade(stage, "/ws", await stage.signIn()), 503, "KeySourceUnavailable")
      await stage.keys.behave()
      await webSocket(await upgrade(stage, "/ws", await stage.signIn()))
    }
  },
  {
    name: "an upgrade by a user who is not what it requires gets 403",
    part: upgrades,
    variant: { upgrades: { require: { groups: ["admins"] } } },
    play: async (stage) => {
      expectRefused(await refusedUpgrade(stage, "/ws", await stage.signIn({ groups: ["staff"] })), 403, "NotAuthorised")
      const { hears } = await webSocket(await upgrade(stage, "/ws", await stage.signIn({ email: "ada@example.com", groups: ["admins"] })))
      await hears("hello", "ada@example.com said hello")
    }
  },
  {
    name: "an upgrade on a path of bypass needs no sign-in, and has no user",
    part: upgrades,
    play: async (stage) => {
      for (const headers of [[], await stage.signIn()]) {
        const { hears } = await webSocket(await upgrade(stage, "/ws-open", headers))
        await hears("hello", "nobody said hello")
      }
    }
  },
  ...evasions.map(
    (target): Row => ({
      name: `bypass is not evaded by an upgrade of ${target}`,
      part: upgrades,
      play: async (stage) => expectRefused(await refusedUpgrade(stage, target, []), 401, "HeaderMissing")
    })
  ),
  {
    name: "an upgrade is no way around the guard of a page",
    part: upgrades,
    play: async (stage) => {
      for (const target of ["/", "/admin", "/me", "/no/such/path"]) {
        expectRefused(await refusedUpgrade(stage, target, curl.headers), 401, "HeaderMissing")
      }
      const other = await stage.open({ target: "/me", headers: [["connection", "Upgrade"], ["upgrade", "h2c"], ...curl.headers] })
      const head = await other.until("an answer to an upgrade to another protocol", () => readHead(other.received))
      assert.equal(head.status, 401)
    }
  },
  {
    name: "a WebSocket is closed with 4401 when the session expires, not before, and then cut",
    part: upgrades,
    play: async (stage) => {
      const { forgery, expiresAt } = shortLived(3)
      const connection = await upgrade(stage, "/ws", toLines(await stage.forge.headers({ email: "ada@example.com", ...forgery })))
      const { hears, closes } = await webSocket(connection)
      await hears("hello", "ada@example.com said hello")
      const code = await closes("a close frame when the session expires", expiresAt + graceMillis - Date.now())
      assert(Date.now() >= expiresAt - 100, `the close frame came ${expiresAt - Date.now()} ms before the expiry`)
      assert.equal(code, sessionExpiredCloseCode)
      // The client does not answer the close frame, and continues to send.
      connection.send(say("am I still here?"))
      await connection.ended("the WebSocket to be cut after its close frame", expiresAt + graceMillis - Date.now())
    }
  },
  {
    name: "a WebSocket whose app sends no close frame is closed when the session expires, and not before",
    part: upgrades,
    play: async (stage) => {
      const { forgery, expiresAt } = shortLived(2)
      const connection = await upgrade(stage, "/ws-silent", toLines(await stage.forge.headers({ email: "ada@example.com", ...forgery })))
      const { hears } = await webSocket(connection)
      await hears("hello", "ada@example.com said hello")
      const endedAt = await connection.ended("the socket to be closed", expiresAt + graceMillis - Date.now())
      assert(endedAt >= expiresAt - 100, `the socket was closed ${expiresAt - endedAt} ms before the expiry`)
    }
  },
  {
    name: "closeOnExpiry: false leaves a WebSocket open when the session expires",
    part: upgrades,
    variant: { upgrades: { closeOnExpiry: false } },
    play: async (stage) => {
      const { forgery, expiresAt } = shortLived(2)
      const connection = await upgrade(stage, "/ws", toLines(await stage.forge.headers({ email: "ada@example.com", ...forgery })))
      const { hears } = await webSocket(connection)
      await pause(expiresAt + 2_500 - Date.now())
      await hears("still here", "ada@example.com said still here")
    }
  },
  {
    name: "a WebSocket on a path of bypass has no session to expire",
    part: upgrades,
    play: async (stage) => {
      const { forgery, expiresAt } = shortLived(2)
      const { hears } = await webSocket(await upgrade(stage, "/ws-open", toLines(await stage.forge.headers(forgery))))
      await pause(expiresAt + 2_500 - Date.now())
      await hears("still here", "nobody said still here")
    }
  },
  {
    name: "WebSockets that close by themselves, or break off, do no harm",
    part: upgrades,
    play: async (stage) => {
      const headers = await stage.signIn({ email: "ada@example.com" })
      const [polite, rude] = await Promise.all([upgrade(stage, "/ws", headers), upgrade(stage, "/ws", headers)])
      const { hears, closes } = await webSocket(polite)
      await webSocket(rude)
      rude.destroy()
      await hears("hello", "ada@example.com said hello")
      polite.send(toCloseFrame(1000, true))
      assert.equal(await closes("the answer to a close frame", 5_000), 1000)
      expectAdmitted(await stage.ask({ headers }), "Hello ada@example.com")
    }
  },
  {
    name: "a client that leaves while its upgrade is decided does no harm",
    part: upgrades,
    before: (keys) => keys.misbehave("slow", { delay: "150 millis" }),
    play: async (stage) => {
      const headers = await stage.signIn({ email: "ada@example.com" })
      for (const target of ["/ws", "/ws-silent", "/admin"]) {
        const connection = await upgrade(stage, target, headers)
        await pause(20)
        connection.destroy()
      }
      await pause(250)
      expectAdmitted(await stage.ask({ headers }), "Hello ada@example.com")
      const { hears } = await webSocket(await upgrade(stage, "/ws", headers))
      await hears("hello", "ada@example.com said hello")
    }
  }
]
