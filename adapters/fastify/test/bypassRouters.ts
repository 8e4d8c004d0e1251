/** A bypass of /health, in apps whose routers read paths in one way or another. */
import { cognitoAuth } from "@cognito-auth/fastify"
import * as fc from "fast-check"
import type { FastifyInstance, FastifyServerOptions } from "fastify"
import fastify from "fastify"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { runs } from "../../../testing/test/runs.ts"
import { sharedForge } from "../../../testing/test/sharedForge.ts"
import { ask, type HeaderLines } from "../../node/test/rawHttp.ts"
import { listen, trusting } from "./app.ts"

const forge = await sharedForge()

interface Evasion {
  readonly target: string
  readonly headers?: HeaderLines
}

const evasions: ReadonlyArray<Evasion> = [
  { target: "//health" },
  { target: "/health//" },
  { target: "/health/../admin" },
  { target: "/./health" },
  { target: "/%68ealth" },
  { target: "/health%2f..%2fadmin" },
  { target: "/health%00" },
  { target: "/HEALTH" },
  { target: "/health;x=1" },
  { target: "/health;" },
  { target: "/;/health" },
  { target: "/admin?/health" },
  { target: "/admin?x=/health" },
  { target: "http://app.example/health" },
  { target: "HTTP://app.example/health" },
  { target: "https://app.example//health" },
  { target: "http://app.example/admin?/health" },
  { target: "/admin", headers: [["x-forwarded-uri", "/health"]] },
  { target: "/admin", headers: [["x-original-url", "/health"]] },
  { target: "/admin", headers: [["x-rewrite-url", "/health"]] },
  { target: "/admin", headers: [["x-forwarded-prefix", "/health"]] }
]

/** Answers whatever its router takes for one of its paths, and everything else. */
const makeRouter = async (options: FastifyServerOptions, isGuarded: boolean): Promise<FastifyInstance> => {
  const app = fastify({ forceCloseConnections: true, ...options })
  if (isGuarded) await app.register(cognitoAuth, trusting(forge, { bypass: ["/health"] }))
  app.get("/health", async () => "ok")
  app.get("/admin", async () => "secret")
  app.get("/*", async () => "secret")
  app.setNotFoundHandler((_request, reply) => reply.code(200).send("secret"))
  return app
}

const describeOptions = (options: object) =>
  Object.entries(options)
    .map(([name, value]) => `${name} ${value}`)
    .join(", ")

/** The same for each of these routers. */
export const describeRouters = (routers: ReadonlyArray<Readonly<Record<string, boolean>>>): void =>
  describe.each(routers.map((routerOptions) => [describeOptions(routerOptions), routerOptions] as const))("%s", (_name, routerOptions) => {
    let guarded: FastifyInstance
    let open: FastifyInstance
    let port: number
    let openPort: number

    beforeAll(async () => {
      guarded = await makeRouter({ routerOptions, trustProxy: true }, true)
      open = await makeRouter({ routerOptions, trustProxy: true }, false)
      port = await listen(guarded)
      openPort = await listen(open)
    })
    afterAll(() => Promise.all([guarded.close(), open.close()]))

    it.each(evasions.map((evasion) => [JSON.stringify(evasion), evasion] as const))(
      "protects %s, which its router would have answered",
      async (_name, evasion) => {
        expect((await ask(openPort, evasion)).status).toBe(200)
        expect(await ask(port, evasion)).toMatchObject({ status: 401 })
      }
    )

    it("bypasses the path itself, its trailing slash, and any query", async () => {
      for (const target of ["/health", "/health?", "/health?/admin", "/health?x=%2f"]) {
        expect(await ask(port, { target }), target).toMatchObject({ status: 200, body: "ok" })
      }
      expect(await ask(port, { target: "/health/" })).toMatchObject({ status: 200 })
    })

    it("∀ spelling of the bypassed path but its own: protected", async () => {
      const spelling = fc
        .array(
          fc.oneof(
            fc.constantFrom(
              ..."health".split(""),
              "/",
              "//",
              ";",
              "..",
              ".",
              "%2f",
              "%68",
              "%",
              "\\",
              "#",
              "health",
              "/health",
              "admin",
              "HEALTH",
              "H"
            ),
            fc.constantFrom("\t", "\u00ff", "*", "&", "'", '"', "|", "^", "`")
          ),
          { maxLength: 6 }
        )
        .map((parts) => parts.join(""))
      const target = fc
        .tuple(spelling, fc.constantFrom("", "/health", "health"), spelling, fc.constantFrom("", "?", "?/health", "?x=1"))
        .map(([before, path, after, query]) => `/${before}${path}${after}${query}`)
        .filter((target) => !["/health", "/health/"].includes(target.split("?")[0] ?? ""))
      await fc.assert(
        fc.asyncProperty(target, async (target) => {
          const { status } = await ask(port, { target })
          // 400: Node's parser or Fastify's router has refused it, before any route.
          expect([400, 401]).toContain(status)
        }),
        { numRuns: runs(60) }
      )
    })
  })
