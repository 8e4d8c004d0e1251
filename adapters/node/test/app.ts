/** A real server behind the adapter, its key endpoints, and an eye on everything that it lets out. */
import { once } from "node:events"
import { createServer, type Server } from "node:http"
import type { AddressInfo, Socket } from "node:net"
import { type AdapterOptions, cognitoAuth, type Handler, type NodeAuth, serverOptions, type UserHandler } from "@cognito-auth/node"
import type { Forge, KeyServer, SettingsPolicy } from "@cognito-auth/testing"
import { onTestFinished, vi } from "vitest"

export interface App {
  readonly port: number
  readonly server: Server
  readonly auth: NodeAuth
  /** The forge's key endpoints, to which the app was pointed. */
  readonly keys: KeyServer
  /** The targets of the requests that the app's own handler has answered. */
  readonly served: ReadonlyArray<string>
  /** Every connection that the server has accepted. */
  readonly connections: ReadonlyArray<Socket>
  /** All that was printed since the app started. */
  readonly log: () => string
  readonly close: () => Promise<void>
}

export interface AppOptions {
  readonly policy?: SettingsPolicy
  /** Options on top of those that point the app at the forge. */
  readonly options?: AdapterOptions
  /** What the server does with a request; by default `protect`, answering with the user's e-mail. */
  readonly listener?: (auth: NodeAuth, handler: UserHandler) => Handler
  readonly bypass?: ReadonlyArray<string>
}

/** Starts the key endpoints and the app; both end with the test. */
export const startApp = async (forge: Forge, { policy = {}, options = {}, listener, bypass = [] }: AppOptions = {}): Promise<App> => {
  const log = recordLog()
  const keys = await forge.serve()
  const auth = cognitoAuth({ ...keys.settings(policy).options, platformAdminGroups: ["platform-admins"], ...options })
  const served: Array<string> = []
  const handler: UserHandler = (req, res, user) => {
    served.push(req.url ?? "")
    res.end(user.isAuthenticated ? `user ${user.email}` : "anonymous")
  }
  // Node's own limit of 16 KiB for all headers would hide the one under test.
  const server = createServer({ ...serverOptions, maxHeaderSize: 131_072 }, listener?.(auth, handler) ?? auth.protect(handler, { bypass }))
  const connections: Array<Socket> = []
  server.on("connection", (socket) => connections.push(socket))
  const close = async () => {
    server.close()
    for (const socket of connections) socket.destroy()
    await Promise.all([auth.dispose(), keys.close()])
  }
  onTestFinished(close)
  await once(server.listen(0, "127.0.0.1"), "listening")
  return { port: (server.address() as AddressInfo).port, server, auth, keys, served, connections, log, close }
}

/** Records all that is printed until the test ends, and keeps it off the screen. */
const recordLog = (): (() => string) => {
  const printed: Array<unknown> = []
  const record = (...parts: ReadonlyArray<unknown>) => void printed.push(...parts)
  const spies = (["debug", "error", "info", "log", "trace", "warn"] as const).map((name) =>
    vi.spyOn(console, name).mockImplementation(record)
  )
  onTestFinished(() => {
    for (const spy of spies) spy.mockRestore()
  })
  return () => printed.map((part) => (typeof part === "string" ? part : JSON.stringify(part))).join("\n")
}

/** Waits until the check holds, on a machine of any load. */
export const eventually = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 20_000, interval: 5 })
