/** How long the largest requests of each kind hold up everybody else. */
import { connect } from "node:net"
import type { Fuzzed } from "./Fuzzed.ts"
import { largeRequests } from "./grammar.ts"

const mostMillis = 5
/** The least of so many: the first ones are interpreted, and garbage is collected in some. */
const attempts = 12

/** One request at a time, on an idle process; what a turn of its event loop takes is processor time. */
export const measureLarge = async (fuzzed: Fuzzed): Promise<{ readonly worst: number; readonly faults: ReadonlyArray<string> }> => {
  const faults: Array<string> = []
  let worst = 0
  await fuzzed.ask("measure")
  for (const [what, bytes] of largeRequests) {
    let least = Number.POSITIVE_INFINITY
    for (let i = 0; i < attempts && least > mostMillis / 2; i++) {
      await fuzzed.ask("worst")
      await send(fuzzed.port, bytes)
      least = Math.min(least, (await fuzzed.ask("worst")).worstMillis ?? 0)
    }
    worst = Math.max(worst, least)
    if (least > mostMillis) faults.push(`${what} takes ${least.toFixed(1)} ms`)
  }
  await fuzzed.ask("rest")
  return { worst, faults }
}

const send = (port: number, bytes: string): Promise<void> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes, "latin1"))
    socket.once("data", () => socket.destroy())
    socket.setTimeout(3_000, () => socket.destroy())
    socket.on("error", () => undefined).once("close", () => resolve())
  })
