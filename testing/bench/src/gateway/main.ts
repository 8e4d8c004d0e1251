/**
 * npm run bench:gateway [-- --quick] [--runs N] [--write] [--only small|large|events] [--cpu-prof FOLDER]
 *
 * The gateway's cost beside that of the same proxy without authentication, nginx, Caddy and oauth2-proxy, as the processor's time per
 * 10,000 answers. Ends with 1 where a goal is not met, and with 2 where nginx or Caddy is missing. `--runs 3` does all of it three
 * times, with new processes, and takes the medians; `--write` puts the table into docs/performance.md; `--cpu-prof` leaves profiles
 * of our own processes, for `node --cpu-prof`'s readers.
 */
import { cpus } from "node:os"
import { parseArgs } from "node:util"
import { type Figures, kinds, measure, type Size } from "./measure.ts"
import { startCaddy, startNginx, startOauth2Proxy, versionOf } from "./others.ts"
import { makeUsers } from "./requests.ts"
import { endAll, type ProxyServer, startOurs, startUpstream } from "./servers.ts"
import { judge, toTable, writeTable } from "./table.ts"

const sizes = {
  quick: { rounds: 3, small: 3_000, large: 200, streams: 50, eventsEach: 150 },
  usual: { rounds: 5, small: 6_000, large: 400, streams: 50, eventsEach: 300 }
} satisfies Record<string, Size>

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    runs: { type: "string", default: "1" },
    write: { type: "boolean", default: false },
    only: { type: "string", multiple: true, default: [...kinds] },
    "cpu-prof": { type: "string" }
  }
})
const size = values.quick ? sizes.quick : sizes.usual
const runs = Number(values.runs)
if (!Number.isInteger(runs) || runs < 1) {
  console.error(`--runs ${values.runs}: expected a whole number from 1.`)
  process.exit(2)
}
const wanted = kinds.filter((kind) => values.only.includes(kind))
if (wanted.length === 0) {
  console.error(`--only ${values.only.join(" ")}: expected ${kinds.join(", ")}.`)
  process.exit(2)
}
if (process.platform !== "linux") {
  console.error("The processor's time of other processes is read from Linux's /proc: run this on Linux.")
  process.exit(2)
}
const oauth2Proxy = process.env["OAUTH2_PROXY"] ?? "oauth2-proxy"
const versions = {
  nginx: versionOf("nginx", "nginx", "-v"),
  Caddy: versionOf("Caddy", "caddy", "version"),
  "oauth2-proxy": versionOf("oauth2-proxy", oauth2Proxy, "--version")
}
if (versions.nginx === undefined || versions.Caddy === undefined) {
  console.error("nginx and Caddy must be there to compare with. On Debian: apt-get install nginx-light caddy")
  process.exit(2)
}
if (versions["oauth2-proxy"] === undefined) {
  console.error(
    "There is no oauth2-proxy, so it is left out. Say in OAUTH2_PROXY where one is: go install github.com/oauth2-proxy/oauth2-proxy/v7@latest"
  )
}

const runOnce = async (): Promise<Readonly<Record<string, Figures>>> => {
  try {
    const upstream = await startUpstream()
    const profile = values["cpu-prof"]
    const servers: Record<string, ProxyServer> = {
      gateway: await startOurs("gateway", upstream.origin, profile),
      plain: await startOurs("plain", upstream.origin, profile),
      "nginx, auth_request": await startNginx("auth_request", upstream.origin),
      nginx: await startNginx("plain", upstream.origin),
      Caddy: await startCaddy(upstream.origin)
    }
    if (versions["oauth2-proxy"] !== undefined) servers["oauth2-proxy"] = await startOauth2Proxy(oauth2Proxy, upstream.origin)
    return await measure(servers, await makeUsers(), upstream, size, wanted)
  } finally {
    endAll()
  }
}

process.once("exit", endAll)
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130))

const all: Array<Readonly<Record<string, Figures>>> = []
const machine = `Node ${process.version}, ${cpus().length} processors; ${Object.values(versions).filter(Boolean).join(", ")}.`
for (let run = 1; run <= runs; run++) {
  const figures = await runOnce()
  all.push(figures)
  if (runs > 1) console.error(`Run ${run} of ${runs}. ${toTable([figures], machine)}\n`)
}
const table = toTable(all, machine)
console.log(table)
const verdicts = judge(all)
console.log()
for (const { met, text } of verdicts) console.log(`${met === undefined ? "not measured" : met ? "met         " : "NOT MET     "} ${text}`)
if (values.write) writeTable("docs/performance.md", table, verdicts)
process.exit(verdicts.some(({ met }) => met === false) ? 1 : 0)
