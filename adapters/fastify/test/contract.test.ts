import { cognitoAuth, sessionExpiredCloseCode } from "@cognito-auth/fastify"
import { type BuildApp, type ContractApp, type ContractPage, contract } from "@cognito-auth/testing/contract"
import websocket from "@fastify/websocket"
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify"
import { describe, it } from "vitest"

/** The contract's app, with WebSockets in either of the ways that there are. */
const buildWith =
  (addUpgrades: (server: FastifyInstance, app: ContractApp) => unknown): BuildApp =>
  async (app) => {
    const server = fastify({ forceCloseConnections: true })
    await server.register(cognitoAuth, { ...app.options, ...app.guard, closeOnExpiry: app.upgrades.options.closeOnExpiry })
    // The contract's pages take any body of a POST; Fastify by itself takes JSON and text.
    server.addContentTypeParser("*", (_request, payload, done) => void payload.resume().once("end", () => done(null)))
    await addUpgrades(server, app)
    const { protect, session, signOut } = server.cognitoAuth
    const method = server.supportedMethods
    const answer =
      ({ type, body }: ContractPage) =>
      (request: FastifyRequest, reply: FastifyReply) =>
        reply.type(type).send(
          body(
            () => request.user,
            () => server.cognitoAuth.getPrincipal(request)
          )
        )

    for (const { path, require, ...page } of app.routes) {
      server.route({ method, url: path, onRequest: require === undefined ? [] : server.requireAuth(require), handler: answer(page) })
    }
    for (const { path, type, first, options } of app.streams) {
      server.get(path, { onRequest: protect(options) }, (_request, reply) => {
        reply.hijack().raw.writeHead(200, { "content-type": type }).write(first)
      })
    }
    server.route({ url: app.session, ...session() })
    server.route({ url: app.healthCheck, ...server.cognitoAuth.healthCheck() })
    for (const { path, options } of app.signOuts) server.route({ url: path, ...signOut(options) })
    server.setNotFoundHandler((request, reply) => answer(app.fallback)(request, reply.code(200)))
    return {
      listen: async () => {
        const url = await server.listen({ port: 0, host: "127.0.0.1" })
        return { port: Number(new URL(url).port), close: () => server.close() }
      }
    }
  }

const build = buildWith(async (server, { guard, upgrades }) => {
  await server.register(websocket)
  for (const { path, sendsClose } of upgrades.paths) {
    const onRequest = server.cognitoAuth.protect({ bypass: guard.bypass, ...upgrades.options })
    server.get(path, { websocket: true, onRequest }, (socket, request) => {
      socket.on("message", (text) => socket.send(upgrades.reply(String(text), () => request.user)))
      if (sendsClose) request.authExpiry.addEventListener("abort", () => socket.close(sessionExpiredCloseCode))
    })
  }
})

describe.concurrent("@cognito-auth/fastify keeps the contract", () => {
  for (const { name, run } of contract(build, { services: true })) it(name, run)
})

const buildWithoutFastifyWebsocket = buildWith((server, { guard, upgrades }) =>
  server.cognitoAuth.protectUpgrades(upgrades.handle, { bypass: guard.bypass, ...upgrades.options })
)

describe.concurrent("@cognito-auth/fastify keeps the contract for upgrades that are not @fastify/websocket's", () => {
  for (const { name, run } of contract(buildWithoutFastifyWebsocket, { only: "upgrades" })) it(name, run)
})
