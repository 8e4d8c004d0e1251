/**
 * `npm start`: a local ALB in front of an example app. It is asked over real HTTP what a browser would ask and what an
 * attacker would; then it keeps running for your own browser. `--once` ends after the table: exit 0 only if each response is
 * as expected.
 */
import { once } from "node:events"
import { ConfigurationError } from "@cognito-auth/core"
import { localAlb } from "@cognito-auth/testing/local-alb"
import { holdAppLog } from "./demo/AppLog.ts"
import { choosePort, freePort } from "./demo/choosePort.ts"
import { curlCommands } from "./demo/curl.ts"
import { type DemoArguments, readArguments, UsageError, usage } from "./demo/readArguments.ts"
import { isAsExpected, table } from "./demo/table.ts"
import { loadExample } from "./examples.ts"
import { walkThrough } from "./walkThrough.ts"

const print = (text: string): void => void process.stdout.write(`${text}\n`)

/** Signing out, and the page after it, need nobody to be signed in. */
const rules = ["/sign-out", "/signed-out"].map((path) => ({ path, action: "forward" as const }))

const start = async ({ name, isOnce, showsCurl, port, appPort }: DemoArguments): Promise<void> => {
  const albPort = isOnce && port === undefined ? 0 : await choosePort({ option: "--port", given: port, usual: 8080, count: 3 })
  const ownPort =
    (isOnce && appPort === undefined ? 0 : await choosePort({ option: "--app-port", given: appPort, usual: 3000 })) || (await freePort())
  const appUrl = `http://127.0.0.1:${ownPort}`

  // Only the demo's settings: other variables of the shell may belong to a real deployment.
  for (const variable of Object.keys(process.env)) if (variable.startsWith("COGNITO_AUTH_")) delete process.env[variable]
  const log = holdAppLog()
  const alb = await localAlb({ target: appUrl, port: albPort, rules })
  Object.assign(process.env, alb.settings().env, { APP_URL: alb.url })
  const server = await (await loadExample(name)).makeServer()
  server.listen(ownPort, "127.0.0.1")
  await once(server, "listening")

  const outcomes = await walkThrough(alb, appUrl)
  const isWell = outcomes.every(isAsExpected)
  print(`The ${name} example behind a local load balancer, asked ${outcomes.length} times:`)
  print(table(outcomes))
  log.open({ withHeld: !isWell })

  if (isOnce) {
    await alb.close()
    server.close()
    server.closeAllConnections()
    process.exitCode = isWell ? 0 : 1
    return
  }
  alb.renewTokens()
  if (showsCurl) print(`\n${await curlCommands(alb, appUrl)}`)
  if (albPort === 0) print("\nPort 8080, or one of the next two, is taken: --port chooses others.")
  print(`
Open ${alb.url} and sign in as Ada (of admins) or as Grace.

Control page (expire sessions, rotate keys): ${alb.controlUrl}
Requests for curl: npm start -- --curl. Ctrl-C ends everything.`)
}

try {
  const demo = readArguments(process.argv.slice(2), process.env)
  if (demo === undefined) print(usage)
  else await start(demo)
} catch (error) {
  if (!(error instanceof UsageError || error instanceof ConfigurationError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = error instanceof UsageError ? 2 : 1
}
