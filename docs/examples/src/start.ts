/**
 * `npm start`: an example app on embedded defaults, asked over real HTTP with what a load balancer would send, and with
 * what an attacker would. `--once` ends after the table: exit 0 only if each row came out as expected.
 */
import { once } from "node:events"
import { get, type IncomingMessage } from "node:http"
import type { AddressInfo } from "node:net"
import { makeForge } from "@cognito-auth/testing"
import { loadExample } from "./examples.ts"

type Headers = Record<string, string>

/** One request of the walk-through, and what must come of it. */
interface Row {
  readonly sent: string
  readonly path: string
  readonly headers: Headers
  readonly expected: string
  /** What is done to the key server before. */
  readonly before?: () => Promise<void>
}

const args = process.argv.slice(2)
const isOnce = args.includes("--once")
const name = args.find((arg) => !arg.startsWith("-")) ?? "node"

const forge = await makeForge({ albLifetime: "1 hour" })
const keys = await forge.serve()
Object.assign(process.env, keys.settings().env)

const server = await (await loadExample(name)).makeServer()
server.listen(isOnce ? 0 : Number(process.env["PORT"] ?? 3000), "127.0.0.1")
await once(server, "listening")
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

const ask = async (path: string, headers: Headers): Promise<string> => {
  const request = get(`${url}${path}`, { headers, agent: false })
  const [response] = (await Promise.race([once(request, "response"), once(request, "upgrade")])) as [IncomingMessage]
  if (response.statusCode === 101) {
    response.socket.destroy()
    return "101"
  }
  let body = ""
  for await (const chunk of response) body += chunk
  const isProblem = response.headers["content-type"] === "application/problem+json"
  const { error } = isProblem ? (JSON.parse(body) as { error: string }) : { error: "" }
  const retryAfter = response.headers["retry-after"] === undefined ? "" : `, Retry-After ${response.headers["retry-after"]}`
  return `${response.statusCode} ${error}${retryAfter}`.trim()
}

const alice = { email: "alice@example.gov.uk", name: "Alice Example", groups: ["staff", "admins"] }
const bob = { email: "bob@example.gov.uk", name: "Bob Example", groups: ["staff"] }
const otherAlb = forge.with({ albArn: forge.albArn.replace("123456789012", "999999999999") })
const otherPool = forge.with({ userPoolId: "eu-west-2_Another1" })
const yesterday = forge.with({ now: () => Date.now() - 86_400_000 })
const socket = {
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ=="
}
const tampered = await forge.headers({ ...bob, access: { afterSigning: (token) => swapGroup(token) } })

/** Puts "admins" for "staff" into a signed token, as an attacker would. */
function swapGroup(token: string): string {
  const [header, payload = "", signature] = token.split(".")
  const claims = Buffer.from(payload, "base64url").toString().replace('"staff"', '"admins"')
  return [header, Buffer.from(claims).toString("base64url"), signature].join(".")
}

const aliceHeaders = await forge.headers(alice)
const rows: ReadonlyArray<Row> = [
  { sent: "Alice, of the group admins", path: "/me", headers: aliceHeaders, expected: "200" },
  { sent: "Alice, to the admins' page", path: "/admin", headers: aliceHeaders, expected: "200" },
  { sent: "Bob, not of the group admins", path: "/admin", headers: await forge.headers(bob), expected: "403 NotAuthorised" },
  { sent: "no headers", path: "/me", headers: {}, expected: "401 HeaderMissing" },
  { sent: "no headers, as a page load", path: "/me", headers: { accept: "text/html" }, expected: "302" },
  { sent: "no headers, to a bypassed path", path: "/health", headers: {}, expected: "200" },
  { sent: "no headers, to an encoded path", path: "/%68ealth", headers: {}, expected: "401 HeaderMissing" },
  { sent: "yesterday's tokens", path: "/me", headers: await yesterday.headers(alice), expected: "401 TokenExpired" },
  { sent: "forged by another ALB", path: "/me", headers: await otherAlb.headers(alice), expected: "401 SignerRefused" },
  { sent: "of the wrong pool", path: "/me", headers: await otherPool.headers(alice), expected: "401 IssuerRefused" },
  { sent: "tampered: a group changed", path: "/me", headers: tampered, expected: "401 SignatureInvalid" },
  { sent: "a WebSocket without headers", path: "/ws", headers: socket, expected: "401 HeaderMissing" },
  { sent: "a WebSocket of Alice", path: "/ws", headers: { ...socket, ...aliceHeaders }, expected: "101" },
  { sent: "key host down, known keys", path: "/me", headers: aliceHeaders, expected: "200", before: () => keys.misbehave("down") }
]

const table: Array<readonly [string, string, string, string]> = []
const walk = async (row: Row): Promise<boolean> => {
  await row.before?.()
  const came = await ask(row.path, row.headers)
  table.push([row.sent, `GET ${row.path}`, came, came === row.expected ? "as expected" : `EXPECTED ${row.expected}`])
  return came === row.expected
}

let isWell = true
for (const row of rows) isWell = (await walk(row)) && isWell

// The load balancer and the pool change their keys while the key host is down.
await keys.rotate()
const rotated = await forge.headers(alice)
isWell =
  (await walk({ sent: "key host down, new keys", path: "/me", headers: rotated, expected: "503 KeySourceUnavailable, Retry-After 5" })) &&
  isWell
isWell =
  (await walk({ sent: "key host back, new keys", path: "/me", headers: rotated, expected: "200", before: () => keys.behave() })) && isWell

const why: Readonly<Record<string, string>> = {
  "200": "admitted",
  "101": "admitted",
  "302": "a browser is sent to the sign-in page's help",
  "401": "the tokens say no",
  "403": "signed in, but not allowed",
  "503": "an outage: nobody is let in, nobody is signed out"
}
const print = (cells: ReadonlyArray<string>) => console.log(cells.map((cell, i) => cell.padEnd([32, 16, 42, 13][i] ?? 0)).join("  "))
print(["sent", "request", "came back", "outcome", "why"])
for (const cells of table) print([...cells, why[cells[2].slice(0, 3)] ?? ""])

if (isOnce) {
  server.close()
  server.closeAllConnections()
  await keys.close()
  process.exitCode = isWell ? 0 : 1
} else {
  const curl = (path: string, headers: Headers) =>
    console.log(
      `\ncurl -i ${url}${path}${Object.entries(headers)
        .map(([field, value]) => ` \\\n  -H '${field}: ${value}'`)
        .join("")}`
    )
  console.log(`\nThe ${name} example stays up. These lines work for an hour; Ctrl-C ends it.`)
  curl("/health", {})
  curl("/me", {})
  curl("/me", rotated)
  curl("/admin", await forge.headers(bob))
}
