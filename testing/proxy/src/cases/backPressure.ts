/** Nothing is read faster than the slower side takes it. */
import type { Case } from "../Case.ts"
import { get, request, switched, webSocket } from "../expect/messages.ts"
import { fail } from "../Mismatch.ts"
import type { Wire } from "../wire/Wire.ts"

const chunk = Buffer.alloc(65_536, "x")
const hugeBytes = 256 * 1_048_576
/** Kernels buffer some megabytes for each of the two connections; a proxy that reads on would take it all. */
const mostBuffered = 64 * 1_048_576

/** Sends until nothing more is taken, or all was; returns how much was. `round` is something else that takes its time. */
const sendUntilStalled = async ({ socket }: Wire, round: () => Promise<void>): Promise<number> => {
  let sent = 0
  let taken = 0
  const more = () => {
    while (!socket.destroyed && sent < hugeBytes && socket.writableLength < 4 * chunk.length) {
      sent += chunk.length
      socket.write(chunk, (error) => {
        if (error) return
        taken += chunk.length
        more()
      })
    }
  }
  more()
  let before = -1
  // Five rounds of other requests in which not one byte more was taken.
  for (let quiet = 0; quiet < 5 && taken < hugeBytes; ) {
    await round()
    quiet = taken === before ? quiet + 1 : 0
    before = taken
  }
  return taken
}

export const backPressure: ReadonlyArray<Case> = [
  {
    name: "An answer is taken no faster than its client reads",
    rfc: "9112 §9.5",
    reply: (connection) => connection.send(`HTTP/1.1 200 OK\r\nContent-Length: ${hugeBytes + 4}\r\n\r\npart`),
    run: async ({ client, upstream, probe }) => {
      client.send(get("/a"))
      const { connection } = await upstream.whole()
      await client.answerHead()
      client.wire.socket.pause()
      const taken = await sendUntilStalled(connection.wire, probe)
      if (taken > mostBuffered) fail(`upstream: ${taken} bytes were taken of it while the client read nothing`)
      client.wire.reset()
      await connection.wire.untilClosed()
    }
  },
  {
    name: "A body is taken no faster than the upstream reads",
    rfc: "9112 §9.5",
    replyAtHead: true,
    reply: (connection) => void connection.wire.socket.pause(),
    run: async ({ client, upstream, probe }) => {
      client.send(`${request("POST", "/a", `Content-Length: ${hugeBytes + 4}`)}part`)
      const { connection } = await upstream.request()
      const taken = await sendUntilStalled(client.wire, probe)
      if (taken > mostBuffered) fail(`client: ${taken} bytes were taken of it while the upstream read nothing`)
      client.wire.reset()
      connection.wire.socket.resume()
      await connection.wire.untilClosed()
    }
  },
  {
    name: "A tunnel takes no more of the upstream than its client reads",
    rfc: "6455 §5",
    reply: switched(),
    run: async ({ client, upstream, probe }) => {
      client.send(webSocket("/ws"))
      const received = await upstream.whole()
      await client.answerHead()
      client.wire.socket.pause()
      const taken = await sendUntilStalled(received.connection.wire, probe)
      if (taken > mostBuffered) fail(`upstream: ${taken} bytes were taken of it while the client read nothing`)
      client.wire.reset()
      await received.connection.wire.untilClosed()
    }
  }
]
