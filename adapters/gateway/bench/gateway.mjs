// npm run bench:gateway -w adapters/gateway [-- ROUNDS]: the gateway's throughput beside that of the same proxy without authentication,
// in one run, warm, round by round in turn. Ends with 1 where the ratio is below 0.9.
import { fork } from "node:child_process"
import { once } from "node:events"
import { createServer } from "node:http"
import { makeForge } from "@cognito-auth/testing"
import { Pool } from "undici"

const role = process.env.BENCH_ROLE
if (role === "upstream") {
  const body = Buffer.alloc(1_024, "x")
  const server = createServer((_req, res) => res.writeHead(200, { "content-length": body.length, "content-type": "text/plain" }).end(body))
  server.keepAliveTimeout = 60_000
  server.listen(0, "127.0.0.1", () => process.send({ port: server.address().port }))
} else if (role === "proxies") {
  const { gateway } = await import("@cognito-auth/gateway")
  const { makeAppProxy } = await import("../dist/upstream/AppProxy.js")
  const { readHeaderFilter } = await import("../dist/identity/HeaderFilter.js")
  const { readUpstream } = await import("../dist/upstream/Upstream.js")
  const { upstream, options } = JSON.parse(process.env.BENCH_PARTS)
  const { Policy } = await import("@cognito-auth/core")
  const policy = Policy.fromLists({})
  const it = await gateway({ ...options, policy, environment: {}, upstream, port: 0, host: "127.0.0.1", clockTolerance: "300 seconds" })
  const proxy = makeAppProxy({
    upstream: readUpstream({ upstream }, console.error),
    filter: readHeaderFilter({}, console.error),
    prefix: "",
    ownsMessages: true,
    runtime: { auth: { settings: {} }, closeOnExpiry: () => undefined },
    assertions: {},
    onUpstream: console.error
  })
  const admitted = { _tag: "Admit", user: undefined, headers: {}, closeOnExpiry: false }
  const plain = createServer({ keepAliveTimeout: 75_000, requestTimeout: 0, maxHeaderSize: 65_536 }, (req, res) =>
    proxy.forward(req.url, req, res, admitted)
  )
  process.on("message", () => process.send(process.cpuUsage()))
  plain.listen(0, "127.0.0.1", () => process.send({ gateway: it.port, plain: plain.address().port }))
} else {
  const rounds = Number(process.argv[2] ?? 41)
  if (!Number.isInteger(rounds) || rounds < 3) {
    console.error("Usage: npm run bench:gateway -w adapters/gateway [-- ROUNDS], at least 3 rounds.")
    process.exit(2)
  }
  const forge = await makeForge()
  const { policy, environment, ...options } = forge.settings().options
  // A hundred users, with tokens that come again: as from a load balancer between two signatures, and within a page load.
  const users = await Promise.all(Array.from({ length: 100 }, (_, i) => forge.headers({ email: `${i}@example.com`, groups: ["staff"] })))
  const start = async (role, parts) => {
    const child = fork(import.meta.filename, [], { env: { ...process.env, BENCH_ROLE: role, BENCH_PARTS: JSON.stringify(parts) } })
    const [ports] = await once(child, "message")
    return { child, ports }
  }
  const upstream = await start("upstream", {})
  const proxies = await start("proxies", {
    upstream: `http://127.0.0.1:${upstream.ports.port}`,
    options: { ...options, keys: forge.givenKeys() }
  })
  const pools = Object.fromEntries(
    Object.entries(proxies.ports).map(([name, port]) => [name, new Pool(`http://127.0.0.1:${port}`, { connections: 32 })])
  )

  // The proxy without authentication takes the tokens for the client's, and out: under other names they go through it, too.
  const headersFor = {
    gateway: users,
    plain: users.map((user) => Object.fromEntries(Object.entries(user).map(([name, value]) => [`y${name.slice(1)}`, value])))
  }
  const cpuMicros = async () => {
    proxies.child.send("cpu")
    const [{ user, system }] = await once(proxies.child, "message")
    return user + system
  }
  /** One round: how many requests, in which time, by how much of the proxies' processor time. */
  const round = async (name, millis) => {
    const cpu = await cpuMicros()
    const before = performance.now()
    let count = 0
    await Promise.all(
      Array.from({ length: 32 }, async () => {
        while (performance.now() - before < millis) {
          const { statusCode, body } = await pools[name].request({
            path: "/",
            method: "GET",
            headers: headersFor[name][count++ % users.length]
          })
          if (statusCode !== 200) throw new Error(`status ${statusCode}`)
          await body.dump()
        }
      })
    )
    const seconds = (performance.now() - before) / 1_000
    return { perSecond: count / seconds, cpuMicros: ((await cpuMicros()) - cpu) / count }
  }
  const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]

  for (const name of ["plain", "gateway", "plain", "gateway"]) await round(name, 2_000)
  const seen = { plain: [], gateway: [] }
  for (let i = 0; i < rounds; i++) {
    for (const name of i % 2 === 0 ? ["plain", "gateway"] : ["gateway", "plain"]) seen[name].push(await round(name, 300))
  }
  const of = (name, what) => median(seen[name].map((each) => each[what]))
  for (const name of ["plain", "gateway"]) {
    console.log(
      `${name.padEnd(8)} ${of(name, "perSecond").toFixed(0)} requests per second, ${of(name, "cpuMicros").toFixed(1)} µs of processor time each`
    )
  }
  // Pair by pair: what else the machine does at the moment concerns both.
  const pairs = (quotient) => median(seen.gateway.map((each, i) => quotient(each, seen.plain[i])))
  const ratio = pairs((gateway, plain) => gateway.perSecond / plain.perSecond)
  const cpuRatio = pairs((gateway, plain) => plain.cpuMicros / gateway.cpuMicros)
  console.log(`ratio    ${ratio.toFixed(3)} by the clock, ${cpuRatio.toFixed(3)} by processor time; the medians of ${rounds} pairs`)
  for (const { child } of [upstream, proxies]) child.kill()
  await Promise.all(Object.values(pools).map((pool) => pool.destroy()))
  process.exitCode = ratio >= 0.9 ? 0 : 1
}
