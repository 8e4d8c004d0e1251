/** Apps to stand behind a local ALB: one that tells what it was sent, and one that cognito-auth guards. */
import { once } from "node:events"
import { createServer, type RequestListener, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { cognitoAuth } from "@cognito-auth/node"
import { type LocalAlb, type LocalAlbOptions, localAlb } from "@cognito-auth/testing/local-alb"
import { ownForge } from "../sharedForge.ts"

export interface App extends AsyncDisposable {
  readonly url: string
  readonly server: Server
}

export const serve = async (listener: RequestListener, options = {}): Promise<App> => {
  const server = createServer({ maxHeaderSize: 65_536, ...options }, listener).listen(0, "127.0.0.1")
  await once(server, "listening")
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    server,
    [Symbol.asyncDispose]: async () => {
      server.close()
      server.closeAllConnections()
    }
  }
}

/** What an app was sent. */
export interface Told {
  readonly method: string
  readonly url: string
  readonly rawHeaders: ReadonlyArray<string>
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Answers with what it was sent, as JSON in Latin-1. */
export const serveTeller = (): Promise<App> =>
  serve(async (request, response) => {
    let body = ""
    for await (const chunk of request.setEncoding("latin1")) body += chunk
    const { method, url, rawHeaders, headers } = request
    response
      .setHeader("content-type", "application/json")
      .end(Buffer.from(JSON.stringify({ method, url, rawHeaders, headers, body }), "latin1"))
  })

export const told = (body: string): Told => JSON.parse(body)

/** An app in production's way: cognito-auth, configured by the environment alone. Start it once the local ALB is up. */
export const guard = (app: App, alb: LocalAlb, more: Readonly<Record<string, string>> = {}) => {
  const auth = cognitoAuth({ environment: { ...alb.settings().env, ...more }, logger: false })
  app.server.removeAllListeners("request")
  app.server.on(
    "request",
    auth.protect((_request, response, user) => response.end(`Hello ${user.name}, of ${user.groups.join(" and ") || "no group"}`), {
      bypass: ["/health", "/no-access"]
    })
  )
  return auth
}

/** Of all that do not bring their own. */
export const forge = await ownForge()

/** The telling app with a local ALB in front of it, in a time of its own. */
export const stage = async (options: Omit<LocalAlbOptions, "target"> = {}) => {
  const app = await serveTeller()
  const clock = { millis: Date.now() }
  const alb = await localAlb({ target: app.url, forge, now: () => clock.millis, ...options })
  return {
    app,
    alb,
    pass: (millis: number) => {
      clock.millis += millis
    },
    [Symbol.asyncDispose]: async () => {
      await alb.close()
      await app[Symbol.asyncDispose]()
    }
  }
}

export const minutes = (count: number): number => count * 60_000
export const days = (count: number): number => count * 86_400_000

/** How long to wait for what happens soon, on a machine that may be busy. */
export const soon = { timeout: 20_000 }
