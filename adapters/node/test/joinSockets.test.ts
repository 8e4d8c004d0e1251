import { once } from "node:events"
import { IncomingMessage } from "node:http"
import { Socket } from "node:net"
import { Duplex } from "node:stream"
import { joinSockets } from "@cognito-auth/node/proxy"
import { expect, it } from "vitest"

/** A socket whose other side reads nothing until it is told to. */
const unread = () => {
  const received: Array<string> = []
  let take: (() => void) | undefined
  let isReading = false
  const socket = new Duplex({
    allowHalfOpen: false,
    read: () => undefined,
    write: (chunk: Buffer, _encoding, taken) => {
      received.push(chunk.toString("latin1"))
      if (isReading) taken()
      else take = taken
    }
  })
  const readAll = () => {
    isReading = true
    take?.()
  }
  return { socket, received, readAll }
}

const agreed = () => Object.assign(new IncomingMessage(new Socket()), { statusCode: 101 })

it("what one side sent before it closed is delivered first, however late the other side reads", async () => {
  const client = unread()
  const upstream = unread()
  joinSockets(agreed(), { socket: client.socket, early: [] }, { socket: upstream.socket, early: [Buffer.from("first, ")] })
  upstream.socket.push("last")
  upstream.socket.push(null)
  await once(upstream.socket, "close")
  expect(client.socket.destroyed).toBe(false)
  client.readAll()
  await once(client.socket, "close")
  expect(client.received.join("")).toMatch(/^HTTP\/1\.1 101 Switching Protocols\r\n[\s\S]*\r\n\r\nfirst, last$/)
})

it("a side that is reset ends the other at once", async () => {
  const client = unread()
  const upstream = unread()
  joinSockets(agreed(), { socket: client.socket, early: [] }, { socket: upstream.socket, early: [] })
  const closed = once(client.socket, "close")
  upstream.socket.destroy(new Error("read ECONNRESET"))
  await closed
  expect(client.socket.destroyed).toBe(true)
})
