/** node serve.js <file>: one of our own subjects, on all of its routes. */
import { readFile } from "node:fs/promises"
import { readyLine, type Served } from "./Served.ts"
import { limitSeconds } from "./Subject.ts"
import { startOwn } from "./startOwn.ts"

const [, , file = ""] = process.argv
const { name, address, routes, auth }: Served = JSON.parse(await readFile(file, "utf8"))

const started = await Promise.all(
  routes.map(({ port, upstreamPort, profile }) =>
    startOwn[name]({ host: address, port, upstream: `http://${address}:${upstreamPort}`, seconds: limitSeconds[profile], auth })
  )
)
process.once("SIGTERM", async () => {
  await Promise.all(started.map(({ close }) => close()))
  process.exit(0)
})
// It does not outlive who started it, even one that was killed.
process.stdin.once("end", () => process.exit(1)).resume()
console.log(readyLine)
