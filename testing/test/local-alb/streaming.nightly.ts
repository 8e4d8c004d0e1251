import { once } from "node:events"
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from "node:net"
import { localAlb } from "@cognito-auth/testing/local-alb"
import { describe, expect, it } from "vitest"

describe("a body of 1 GiB", () => {
  const gibibyte = 1024 ** 3
  const chunk = Buffer.alloc(1024 ** 2)
  const head = (...lines: ReadonlyArray<string>) => [...lines, `content-length: ${gibibyte}`, "", ""].join("\r\n")

  /** Writes as fast as it is read. */
  const pour = async (socket: Socket) => {
    for (let sent = 0; sent < gibibyte; sent += chunk.length) if (!socket.write(chunk)) await once(socket, "drain")
  }
  /** Resolves once there are a head and 1 GiB behind it. */
  const drink = (socket: Socket): Promise<void> =>
    new Promise((resolve) => {
      let headLength = 0
      let length = 0
      socket.on("data", (bytes: Buffer) => {
        if (headLength === 0) headLength = bytes.indexOf("\r\n\r\n") + 4
        length += bytes.length
        if (length >= headLength + gibibyte) resolve()
      })
    })
  /** The most memory that was in use while it ran, in MiB, over what was in use before. */
  const growthDuring = async (run: () => Promise<void>): Promise<number> => {
    const before = process.memoryUsage.rss()
    let most = before
    const timer = setInterval(() => {
      most = Math.max(most, process.memoryUsage.rss())
    }, 5)
    await run().finally(() => clearInterval(timer))
    return (most - before) / 1024 ** 2
  }

  it("passes up and down in constant memory", { timeout: 120_000 }, async () => {
    // Sockets on both sides, so that the time is the load balancer's.
    const app = createTcpServer((socket) => {
      socket.on("error", () => undefined)
      socket.once("data", async (bytes: Buffer) => {
        if (bytes.subarray(0, 3).toString() === "GET") {
          socket.write(head("HTTP/1.1 200 OK"))
          await pour(socket)
        } else {
          socket.unshift(bytes)
          await drink(socket)
          socket.end("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ndone")
        }
      })
    }).listen(0, "127.0.0.1")
    await once(app, "listening")
    await using alb = await localAlb({
      target: `http://127.0.0.1:${(app.address() as AddressInfo).port}`,
      rules: [{ path: "*", action: "forward" }]
    })
    const { host, port } = new URL(alb.url)
    const client = async (): Promise<Socket> => {
      const socket = connect(Number(port), "127.0.0.1")
      await once(socket, "connect")
      return socket
    }
    const up = await growthDuring(async () => {
      const socket = await client()
      socket.write(head("POST / HTTP/1.1", `host: ${host}`))
      await pour(socket)
      expect(String((await once(socket, "data"))[0])).toMatch(/^HTTP\/1.1 200 OK[\s\S]*done$/)
      socket.destroy()
    })
    const down = await growthDuring(async () => {
      const socket = await client()
      socket.write(`GET / HTTP/1.1\r\nhost: ${host}\r\n\r\n`)
      await drink(socket)
      socket.destroy()
    })
    app.close()
    // Client, load balancer and app share this process; a body that was kept anywhere would be a thousand.
    expect(Math.max(up, down)).toBeLessThan(200)
  })
})
