import { cognitoAuth, type FastifyAuthOptions, Policy } from "@cognito-auth/fastify"
import type { FastifyInstance } from "fastify"
import fp from "fastify-plugin"
import { describe, expect, it } from "vitest"
import { sharedForge } from "../../../testing/test/sharedForge.ts"
import { makeApp, trusting } from "./app.ts"

const forge = await sharedForge()
const ada = await forge.headers({ email: "ada@example.com", groups: ["staff"] })
const grace = await forge.headers({ email: "grace@example.com", groups: ["staff", "admins"] })

const guard = (app: FastifyInstance, options?: FastifyAuthOptions) => app.register(cognitoAuth, trusting(forge, options))

const addRoute = async (app: FastifyInstance) => {
  app.get("/route", async (request) => `for ${request.user?.email}`)
}

/** The status for nobody, Ada, and Grace. */
const statuses = async (app: FastifyInstance, url: string) =>
  Promise.all([{}, ada, grace].map(async (headers) => (await app.inject({ url, headers })).statusCode))

describe("a guard protects its scope whole", () => {
  it("routes that were registered before it and after it, with await and without", async () => {
    const app = makeApp()
    app.get("/before", async () => "secret")
    guard(app)
    app.get("/after", async () => "secret")
    expect(await statuses(app, "/before")).toEqual([401, 200, 200])
    expect(await statuses(app, "/after")).toEqual([401, 200, 200])
  })

  it("routes of scopes within, before and after, however deep, and of plugins that have no scope", async () => {
    const app = makeApp()
    await app.register(addRoute, { prefix: "/before" })
    await app.register(async (outer) => outer.register(async (inner) => inner.register(addRoute), { prefix: "/deep" }), {
      prefix: "/before"
    })
    await app.register(
      fp(async (instance) => {
        instance.get("/plugin", async () => "secret")
      })
    )
    await guard(app)
    await app.register(addRoute, { prefix: "/after" })
    for (const url of ["/before/route", "/before/deep/route", "/plugin", "/after/route"]) {
      expect(await statuses(app, url), url).toEqual([401, 200, 200])
    }
    expect((await app.inject({ url: "/before/deep/route", headers: ada })).body).toBe("for ada@example.com")
  })

  it("what is not found in it, with the app's own handler and without", async () => {
    const plain = makeApp()
    await guard(plain)
    expect(await statuses(plain, "/none")).toEqual([401, 404, 404])
    const own = makeApp()
    own.setNotFoundHandler((request, reply) => reply.code(404).send(`${request.user.email} is lost`))
    await guard(own)
    expect((await own.inject("/none")).statusCode).toBe(401)
    expect((await own.inject({ url: "/none", headers: ada })).body).toBe("ada@example.com is lost")
  })

  it("the routes that Fastify adds by itself: HEAD of a GET", async () => {
    const app = makeApp()
    app.get("/page", async () => "secret")
    await guard(app)
    expect((await app.inject({ method: "HEAD", url: "/page" })).statusCode).toBe(401)
  })

  it("and routes under a constraint", async () => {
    const app = makeApp()
    app.get("/page", { constraints: { host: "internal.example" } }, async () => "secret")
    await guard(app)
    expect((await app.inject({ url: "/page", headers: { host: "internal.example" } })).statusCode).toBe(401)
  })
})

describe("a guard in a scope of its own", () => {
  it("leaves the scopes beside and around it open, and its decorations out of them", async () => {
    const app = makeApp()
    await app.register(
      async (scope) => {
        await guard(scope)
        await scope.register(addRoute)
      },
      { prefix: "/closed" }
    )
    await app.register(addRoute, { prefix: "/open" })
    expect(await statuses(app, "/closed/route")).toEqual([401, 200, 200])
    expect(await statuses(app, "/open/route")).toEqual([200, 200, 200])
    expect((await app.inject({ url: "/open/route", headers: ada })).body).toBe("for undefined")
    expect([app.hasDecorator("requireAuth"), app.hasDecorator("cognitoAuth"), app.hasRequestDecorator("user")]).toEqual([
      false,
      false,
      false
    ])
  })

  it("protects what is not found under its prefix where it has a handler for that", async () => {
    const app = makeApp()
    await app.register(
      async (scope) => {
        await guard(scope)
        scope.setNotFoundHandler((_request, reply) => reply.code(404).send("secret"))
      },
      { prefix: "/closed" }
    )
    expect(await statuses(app, "/closed/none")).toEqual([401, 404, 404])
    expect(await statuses(app, "/none")).toEqual([404, 404, 404])
  })
})

describe("several guards", () => {
  const staff = { policy: Policy.fromLists({ allowedGroups: ["staff"] }) }
  const admins = { policy: Policy.fromLists({ allowedGroups: ["admins"] }) }

  it("side by side, each with its own policy, bypass and way to fail", async () => {
    const app = makeApp()
    await app.register(
      async (scope) => {
        await guard(scope, { ...staff, bypass: ["/staff/health"], onFailure: "redirect", redirectUrl: "/signed-out" })
        scope.get("/health", async () => "ok")
        await scope.register(addRoute)
      },
      { prefix: "/staff" }
    )
    await app.register(
      async (scope) => {
        await guard(scope, { ...admins, onFailure: "status" })
        scope.get("/health", async () => "ok")
        await scope.register(addRoute)
      },
      { prefix: "/admins" }
    )
    expect(await statuses(app, "/staff/route")).toEqual([302, 200, 200])
    expect(await statuses(app, "/staff/health")).toEqual([200, 200, 200])
    expect(await statuses(app, "/admins/route")).toEqual([401, 403, 200])
    expect(await statuses(app, "/admins/health")).toEqual([401, 403, 200])
  })

  it("one within another: both must admit, and the inner one's requireAuth is the inner scope's", async () => {
    const app = makeApp()
    await guard(app, staff)
    await app.register(addRoute)
    await app.register(
      async (scope) => {
        await guard(scope, admins)
        await scope.register(addRoute)
        expect(scope.cognitoAuth).not.toBe(app.cognitoAuth)
      },
      { prefix: "/inner" }
    )
    expect(await statuses(app, "/route")).toEqual([401, 200, 200])
    expect(await statuses(app, "/inner/route")).toEqual([401, 403, 200])
    expect((await app.inject({ url: "/inner/route", headers: grace })).body).toBe("for grace@example.com")
  })

  it("one within another: what one of them bypasses, the other still protects, and the user stays known", async () => {
    const app = makeApp()
    await guard(app, { bypass: ["/inner/outer-bypass"] })
    await app.register(
      async (scope) => {
        await guard(scope, { bypass: ["/inner/inner-bypass"] })
        for (const url of ["/outer-bypass", "/inner-bypass"]) scope.get(url, async (request) => `for ${request.user.email}`)
      },
      { prefix: "/inner" }
    )
    for (const url of ["/inner/outer-bypass", "/inner/inner-bypass"]) {
      expect(await statuses(app, url), url).toEqual([401, 200, 200])
      expect((await app.inject({ url, headers: ada })).body).toBe("for ada@example.com")
    }
  })

  it("one around another that was there first", async () => {
    const app = makeApp()
    await app.register(
      async (scope) => {
        await guard(scope, admins)
        await scope.register(addRoute)
      },
      { prefix: "/inner" }
    )
    await guard(app, staff)
    expect(await statuses(app, "/inner/route")).toEqual([401, 403, 200])
    expect((await app.inject({ url: "/inner/route", headers: grace })).body).toBe("for grace@example.com")
  })
})

it("protects every app with the plugin from its own options alone", async () => {
  const [staff, admins] = [makeApp(), makeApp()]
  await guard(staff)
  await guard(admins, { policy: Policy.fromLists({ allowedGroups: ["admins"] }) })
  for (const app of [staff, admins]) await app.register(addRoute)
  expect(await statuses(staff, "/route")).toEqual([401, 200, 200])
  expect(await statuses(admins, "/route")).toEqual([401, 403, 200])
})
