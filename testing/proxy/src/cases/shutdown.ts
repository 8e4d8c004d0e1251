/** Shutting down, as an operator asks for it: what runs may end, and nothing else keeps the process. */
import { setTimeout as wait } from "node:timers/promises"
import type { Case, Sides, SubjectName } from "../Case.ts"
import { answered } from "../expect/client.ts"
import { get, ok } from "../expect/messages.ts"
import { fail } from "../Mismatch.ts"

const pollMillis = 50
const mostAccepted = 60
const tryOpen = (open: Sides["open"]) => open().catch(() => undefined)

/** The mounts shut down as their app does, and the local ALB ends all that it has. */
const common = { subjects: ["gateway", "nginx", "caddy", "haproxy"] satisfies ReadonlyArray<SubjectName>, ownProcess: true } as const

export const shutdown: ReadonlyArray<Case> = [
  {
    name: "An answer that has not begun is relayed whole",
    rfc: "9112 §9.6",
    ...common,
    reply: [],
    run: async ({ client, upstream, shutDown }) => {
      client.send(get("/a"))
      const { connection } = await upstream.whole()
      const { ended } = shutDown()
      connection.send(ok("late"))
      await answered(200, { body: "late" })(client)
      await ended
    }
  },
  {
    name: "An answer that has begun is relayed whole",
    rfc: "9112 §9.6",
    ...common,
    reply: "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\npart",
    run: async ({ client, upstream, shutDown }) => {
      client.send(get("/a"))
      const { connection } = await upstream.whole()
      await client.answerHead()
      const { ended } = shutDown()
      connection.send("rest")
      await answered(200, { body: "partrest" })(client)
      await ended
    }
  },
  {
    name: "An idle connection is closed, and does not stretch it",
    rfc: "9112 §9.6",
    ...common,
    run: async ({ client, shutDown }) => {
      client.send(get("/a"))
      await answered(200)(client)
      const { ended } = shutDown()
      await client.wire.untilClosed()
      await ended
    }
  },
  {
    name: "A connection that has said nothing does not stretch it",
    rfc: "9112 §9.6",
    ...common,
    run: async ({ client, probe, shutDown }) => {
      // After another client's response, the silent connection has been accepted, too.
      await probe()
      const { ended } = shutDown()
      await client.wire.untilClosed()
      await ended
    }
  },
  {
    name: "A connection that is kept behind a running answer is closed behind it",
    rfc: "9112 §9.6",
    ...common,
    reply: [],
    run: async ({ client, upstream, shutDown }) => {
      client.send(get("/a"))
      const { connection } = await upstream.whole()
      const { ended } = shutDown()
      connection.send(ok())
      await answered(200, { connection: "closed" })(client)
      await ended
    }
  },
  {
    name: "No new connection is accepted while answers run",
    rfc: "9112 §9.6",
    ...common,
    reply: [],
    run: async ({ client, open, upstream, shutDown }) => {
      client.send(get("/a"))
      const { connection } = await upstream.whole()
      const { ended } = shutDown()
      // The signal takes a moment: the first connections may still be accepted.
      let accepted = 0
      for (let other = await tryOpen(open); other !== undefined; other = await tryOpen(open)) {
        other.wire.socket.destroy()
        if (++accepted === mostAccepted) fail(`client: ${accepted} connections were accepted, expected them to be refused`)
        await wait(pollMillis)
      }
      connection.send(ok())
      await answered(200)(client)
      await ended
      if (connection.wire.closed() === undefined) await connection.wire.untilClosed()
      if (upstream.requests.length !== 1) fail(`upstream: received ${upstream.requests.length} requests, expected 1`)
    }
  }
]
