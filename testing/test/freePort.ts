/**
 * A free port of loopback, for a process or a server that starts later.
 *
 * @module
 */
import { randomInt } from "node:crypto"
import { once } from "node:events"
import { createServer } from "node:net"

/** Below what Linux (32768) and the others (49152) give by themselves: no connection and no `listen(0)` takes it in between. */
const lowest = 20_000
const highest = 32_000

/** A port that nobody listens on, chosen at random. */
export const freePort = async (): Promise<number> => {
  for (;;) {
    const port = randomInt(lowest, highest)
    const server = createServer().listen(port, "127.0.0.1")
    const isFree = await once(server, "listening").then(
      () => true,
      () => false
    )
    if (!isFree) continue
    await once(server.close(), "close")
    return port
  }
}
