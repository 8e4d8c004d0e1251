/**
 * `npm start`: a local ALB in front of an example app. It is asked over real HTTP what a browser would ask and what an
 * attacker would; then it stays up for your own browser. `--once` ends after the table: exit 0 only if each row came out
 * as expected.
 */
import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { ConfigurationError } from "@cognito-auth/node"
import { localAlb } from "@cognito-auth/testing/local-alb"
import { loadExample } from "./examples.ts"
import { ada, grace, type Outcome, walkThrough } from "./walkThrough.ts"

const args = process.argv.slice(2)
const isOnce = args.includes("--once")
const name = args.find((arg) => !arg.startsWith("-")) ?? "node"

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}

const why: Readonly<Record<string, string>> = {
  "200": "admitted",
  "101": "admitted",
  "302 to sign-in": "the load balancer signs in",
  "401 page": "a browser shows what happened",
  "401": "the tokens say no",
  "403": "signed in, but not allowed",
  "503": "an outage: nobody is let in, nobody is signed out"
}

const show = (outcomes: ReadonlyArray<Outcome>): void => {
  const print = (...cells: ReadonlyArray<string>) =>
    console.log(cells.map((cell, i) => cell.padEnd([32, 15, 16, 40, 13][i] ?? 0)).join("  "))
  print("sent", "the ALB", "request", "came back", "outcome", "why")
  for (const { sent, way, path, came, expected } of outcomes) {
    const reason = why[came] ?? why[came.slice(0, 3)] ?? ""
    print(sent, way, `GET ${path}`, came, came === expected ? "as expected" : `EXPECTED ${expected}`, reason)
  }
}

const appPort = isOnce ? await freePort() : Number(process.env["PORT"] ?? 3000)
const appUrl = `http://127.0.0.1:${appPort}`

try {
  const alb = await localAlb({ target: appUrl, ...(isOnce ? {} : { port: 8080 }) })
  Object.assign(process.env, alb.settings().env)
  const server = await (await loadExample(name)).makeServer()
  server.listen(appPort, "127.0.0.1")
  await once(server, "listening")

  const outcomes = await walkThrough(alb, appUrl)
  show(outcomes)

  if (isOnce) {
    await alb.close()
    server.close()
    server.closeAllConnections()
    process.exitCode = outcomes.every(({ came, expected }) => came === expected) ? 0 : 1
  } else {
    alb.renewTokens()
    const curl = (url: string, headers: Readonly<Record<string, string>>) =>
      console.log(
        `\ncurl -i ${url}${Object.entries(headers)
          .map(([field, value]) => ` \\\n  -H '${field}: ${value}'`)
          .join("")}`
      )
    const forge = alb.forge.with({ albLifetime: "1 hour" })
    console.log(`\nThe ${name} example stays up behind the local ALB. Ctrl-C ends both.`)
    console.log(`\nOpen ${alb.url}/me in a browser and sign in as anybody; ${alb.controlUrl} plays fate.`)
    console.log("\nThrough the load balancer, and past it, for an hour:")
    curl(`${alb.url}/me`, { cookie: await alb.signIn(ada) })
    curl(`${alb.url}/admin`, { cookie: await alb.signIn(grace) })
    curl(`${appUrl}/me`, await forge.headers(ada))
    curl(`${appUrl}/me`, {})
    curl(`${appUrl}/health`, {})
  }
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error
  console.error(error.message)
  process.exit(1)
}
