/** Fastify apps of tests: guarded by a forge's settings, listening on loopback, and ended with the test. */
import type { AddressInfo } from "node:net"
import type { FastifyAuthOptions } from "@cognito-auth/fastify"
import type { Forge } from "@cognito-auth/testing"
import fastify, { type FastifyInstance, type FastifyServerOptions } from "fastify"
import { onTestFinished } from "vitest"

/** An app that ends with the test. */
export const makeApp = (options: FastifyServerOptions = {}): FastifyInstance => {
  const app = fastify({ forceCloseConnections: true, ...options })
  onTestFinished(() => app.close())
  return app
}

/** Options that trust the forge, without a network. */
export const trusting = (forge: Forge, options: FastifyAuthOptions = {}): FastifyAuthOptions => ({
  ...forge.settings().options,
  keySource: forge.keySource(),
  ...options
})

/** The port it listens on. */
export const listen = async (app: FastifyInstance): Promise<number> => {
  await app.listen({ port: 0, host: "127.0.0.1" })
  return (app.server.address() as AddressInfo).port
}
