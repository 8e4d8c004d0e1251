/** Stands between the gateway and an app, passes every byte on, and records which requests went by. */
import { once } from "node:events"
import { type AddressInfo, connect, createServer, type Socket } from "node:net"

export interface Recorder {
  readonly url: string
  /** Every request that has reached the app: `GET /`. */
  readonly requests: () => ReadonlyArray<string>
  readonly close: () => Promise<void>
}

export const recordRequests = async (appUrl: string): Promise<Recorder> => {
  const requests: Array<string> = []
  const sockets = new Set<Socket>()
  const { hostname, port } = new URL(appUrl)
  const server = createServer((client) => {
    const app = connect(Number(port), hostname)
    for (const socket of [client, app]) {
      sockets.add(socket)
      socket.once("close", () => sockets.delete(socket)).on("error", () => socket.destroy())
    }
    client.on("close", () => app.destroy()).pipe(app)
    app.on("close", () => client.destroy()).pipe(client)
    client.on("data", (chunk: Buffer) => {
      for (const [, line = ""] of chunk.toString("latin1").matchAll(/^([A-Z]+ \S+) HTTP\/1\.1\r$/gm)) requests.push(line)
    })
  })
  await once(server.listen(0, "127.0.0.1"), "listening")
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: () => requests,
    close: async () => {
      const closed = once(server.close(), "close")
      for (const socket of sockets) socket.destroy()
      await closed
    }
  }
}
