/** A real server for an Express app of a test, in each version of Express that is supported. */
import { once } from "node:events"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import type { Refused } from "@cognito-auth/core"
import { type AdapterOptions, cognitoAuth, type ExpressAuth, serverOptions } from "@cognito-auth/express"
import type { Forge, KeyServer, SettingsPolicy } from "@cognito-auth/testing"
import express5, { type Express } from "express"
import express4 from "express4"
import { onTestFinished } from "vitest"

/** Every test runs with each. Their types differ where no test here looks; types.ts holds the adapter's to both. */
export const frameworks = [
  { name: "Express 5", express: express5 },
  { name: "Express 4", express: express4 as unknown as Framework }
]

export type Framework = typeof express5

export interface Started {
  readonly port: number
  readonly server: Server
  readonly auth: ExpressAuth
  /** The forge's key endpoints, to which the app was pointed. */
  readonly keys: KeyServer
  /** What was refused, in order. */
  readonly refusals: ReadonlyArray<Refused>
}

export interface StartOptions {
  readonly policy?: SettingsPolicy
  /** Options on top of those that point the app at the forge. */
  readonly options?: AdapterOptions
}

/** Starts the key endpoints, and the app that `build` completes; both end with the test. */
export const startApp = async (
  forge: Forge,
  express: Framework,
  build: (app: Express, auth: ExpressAuth, keys: KeyServer) => void,
  { policy = {}, options = {} }: StartOptions = {}
): Promise<Started> => {
  const keys = await forge.serve()
  const refusals: Array<Refused> = []
  const auth = cognitoAuth({
    ...keys.settings(policy).options,
    // So each app's first request has to wait for its keys, and the next need not.
    keys: { preload: false },
    observe: (event) => event._tag === "Refused" && refusals.push(event),
    ...options
  })
  const app = express()
  build(app, auth, keys)
  const server = createServer({ ...serverOptions, maxHeaderSize: 131_072 }, app)
  await once(server.listen(0, "127.0.0.1"), "listening")
  onTestFinished(async () => {
    server.close()
    server.closeAllConnections()
    await Promise.all([auth.dispose(), keys.close()])
  })
  return { port: (server.address() as AddressInfo).port, server, auth, keys, refusals }
}
