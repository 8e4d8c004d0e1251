/** One app in a process of its own: told by its parent what to be, it answers with the port that it listens on. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import type { AdapterOptions, User } from "@cognito-auth/core"
import { cognitoAuth as expressAuth } from "@cognito-auth/express"
import { cognitoAuth as fastifyAuth } from "@cognito-auth/fastify"
import { cognitoAuth as nodeAuth } from "@cognito-auth/node"
import fastifyJwt from "@fastify/jwt"
import express from "express"
import fastify, { type FastifyRequest } from "fastify"
import { makeAws, type Trust, toOptions } from "../peers.ts"

/**
 * What an app is. `empty`: a guard that sets a user and looks at nothing, which is what the framework takes for any guard.
 * `ours, whole app`: by `protectApp`. `ours, no cache`: without the token cache, so that every request is one with new tokens.
 */
export interface AppKind {
  readonly framework: "node" | "express" | "fastify"
  readonly guard: "none" | "empty" | "ours" | "ours, whole app" | "ours, no cache" | "aws-jwt-verify" | "@fastify/jwt"
}

/** The user of the empty guard. */
const anybody = { name: "Ada Lovelace" } as User

/** Every request is of a user of this name; who answers it has read it from the user, or has no guard. */
export const expectedBody = "Hello Ada Lovelace"
const hello = (name: unknown) => `Hello ${name}`

const field = (req: IncomingMessage, name: string) => String(req.headers[name])
const verifyWith = (trust: Trust) => {
  const verify = makeAws(trust)
  return (req: IncomingMessage): void => void verify(field(req, "x-amzn-oidc-data"), field(req, "x-amzn-oidc-accesstoken"))
}
const refuse = { status: 401, body: "refused" }

const toAdapterOptions = (trust: Trust, guard: AppKind["guard"]): AdapterOptions => ({
  ...toOptions(trust),
  ...(guard === "ours, no cache" ? { tokenCache: false } : {})
})

const startNode = async (trust: Trust, guard: AppKind["guard"]): Promise<Server> => {
  if (guard === "none") return createServer((_req, res) => res.end(hello("Ada Lovelace")))
  if (guard === "aws-jwt-verify") {
    const verify = verifyWith(trust)
    return createServer((req, res) => {
      try {
        verify(req)
      } catch {
        res.statusCode = refuse.status
        return void res.end(refuse.body)
      }
      res.end(hello("Ada Lovelace"))
    })
  }
  if (guard === "empty") {
    const handler = (_req: IncomingMessage, res: ServerResponse, user: User) => void res.end(hello(user.name))
    return createServer((req, res) => handler(req, res, anybody))
  }
  const auth = nodeAuth(toAdapterOptions(trust, guard))
  return createServer(auth.protect((_req, res, user) => res.end(hello(user.name))))
}

const startExpress = async (trust: Trust, guard: AppKind["guard"]): Promise<Server> => {
  const app = express()
  if (guard === "aws-jwt-verify") {
    const verify = verifyWith(trust)
    app.use((req, res, next) => {
      try {
        verify(req)
      } catch {
        return void res.status(refuse.status).send(refuse.body)
      }
      next()
    })
  } else if (guard === "empty") {
    app.use((req, _res, next) => {
      req.user = anybody
      next()
    })
  } else if (guard === "ours, whole app") expressAuth(toAdapterOptions(trust, guard)).protectApp(app)
  else if (guard !== "none") app.use(expressAuth(toAdapterOptions(trust, guard)).protect())
  const hasUser = guard === "empty" || guard.startsWith("ours")
  app.get("/", (req, res) => void res.send(hello(hasUser ? req.user?.name : "Ada Lovelace")))
  return createServer(app)
}

const startFastify = async (trust: Trust, guard: AppKind["guard"]): Promise<Server> => {
  const app = fastify()
  if (guard.startsWith("ours")) {
    await app.register(fastifyAuth, toAdapterOptions(trust, guard))
    app.get("/", (request, reply) => void reply.send(hello(request.user.name)))
  } else if (guard === "empty") {
    app.decorateRequest("user", null as unknown as User)
    app.addHook("onRequest", (request, _reply, done) => {
      Object.assign(request, { user: anybody })
      done()
    })
    app.get("/", (request, reply) => void reply.send(hello(request.user.name)))
  } else {
    if (guard === "aws-jwt-verify") {
      const verify = verifyWith(trust)
      app.addHook("onRequest", (request, reply, done) => {
        try {
          verify(request.raw)
        } catch {
          return void reply.code(refuse.status).send(refuse.body)
        }
        done()
      })
    }
    if (guard === "@fastify/jwt") {
      const from = (name: string) => (request: FastifyRequest) => field(request.raw, name)
      // Of the ALB's it can check issuer and time; it takes no padding, so its requests carry tokens that were signed without.
      const token = (namespace: string, pem: string, algorithm: "ES256" | "RS256", name: string) =>
        app.register(fastifyJwt, {
          namespace,
          secret: { public: pem, private: "" },
          verify: { algorithms: [algorithm], allowedIss: trust.issuer, extractToken: from(name), cache: true }
        })
      await token("alb", trust.albPem, "ES256", "x-amzn-oidc-data")
      await token("access", trust.cognitoPem, "RS256", "x-amzn-oidc-accesstoken")
      app.addHook("onRequest", async (request) => {
        const verifiers = request as unknown as Record<"albJwtVerify" | "accessJwtVerify", () => Promise<unknown>>
        await verifiers.albJwtVerify()
        await verifiers.accessJwtVerify()
      })
    }
    app.get("/", (_request, reply) => void reply.send(hello("Ada Lovelace")))
  }
  await app.ready()
  return app.server
}

const starts = { node: startNode, express: startExpress, fastify: startFastify }

process.once("message", ({ kind, trust }: { readonly kind: AppKind; readonly trust: Trust }) => {
  void starts[kind.framework](trust, kind.guard).then((server) =>
    server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port))
  )
  // Asked again, it says how much of a processor it has used, in microseconds.
  process.on("message", () => {
    const { user, system } = process.cpuUsage()
    process.send?.(user + system)
  })
})
