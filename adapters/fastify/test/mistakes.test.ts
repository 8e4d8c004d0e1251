/** What goes wrong with a plugin: it is not registered, not awaited, registered elsewhere, or its parts are not called. */
import { ConfigurationError, cognitoAuth } from "@cognito-auth/fastify"
import fastify, { type FastifyInstance } from "fastify"
import { describe, expect, it } from "vitest"
import { sharedForge } from "../../../testing/test/sharedForge.ts"
import { makeApp, trusting } from "./app.ts"

const forge = await sharedForge()

/** The faults of what the app's code throws, or of what an answer says that it threw. */
const faultsOf = (call: () => unknown): ReadonlyArray<readonly [setting: string, problem: string]> => {
  try {
    call()
  } catch (error) {
    if (error instanceof ConfigurationError) return error.faults.map(({ setting, problem }) => [setting, problem])
    throw error
  }
  return []
}

const uses: ReadonlyArray<readonly [name: string, use: (app: FastifyInstance) => unknown]> = [
  ["app.requireAuth", (app) => app.requireAuth({ groups: ["admins"] })],
  ["app.cognitoAuth", (app) => app.cognitoAuth.session()]
]

describe.each(uses)("%s", (name, use) => {
  const missing = [[name, expect.stringContaining("await app.register(cognitoAuth, { … })")]]

  it("of an app that has not registered the plugin says what to register", () => {
    expect(faultsOf(() => use(makeApp()))).toEqual(missing)
  })

  it("of one that has not awaited it says what to await", async () => {
    const app = makeApp()
    app.register(cognitoAuth, trusting(forge))
    expect(faultsOf(() => use(app))).toEqual(missing)
    await app.ready()
    expect(faultsOf(() => use(app))).toEqual([])
  })

  it("outside of the scope that it is registered in says so, and is there within", async () => {
    const app = makeApp()
    await app.register(async (scope) => {
      await scope.register(cognitoAuth, trusting(forge))
      expect(faultsOf(() => use(scope))).toEqual([])
      await scope.register(async (inner) => expect(faultsOf(() => use(inner))).toEqual([]))
    })
    await app.ready()
    expect(faultsOf(() => use(app))).toEqual(missing)
  })
})

it("an app without the plugin is asked as ever whether it has it, and is as ever otherwise", async () => {
  const app = fastify()
  expect([app.hasDecorator("requireAuth"), app.hasDecorator("cognitoAuth"), "cognitoAuth" in app]).toEqual([false, false, false])
  expect(Object.hasOwn(app, "requireAuth")).toBe(false)
  app.decorate("requireAuth", () => () => undefined)
  expect(faultsOf(() => app.requireAuth({ admin: true }))).toEqual([])
  expect(app.hasDecorator("requireAuth")).toBe(true)
  await app.close()
})

describe("what is handed on without being called", () => {
  it.each([
    ["app.requireAuth", (app: FastifyInstance) => app.requireAuth],
    ["app.cognitoAuth.protect", (app: FastifyInstance) => app.cognitoAuth.protect],
    ["app.cognitoAuth.session", (app: FastifyInstance) => app.cognitoAuth.session],
    ["app.cognitoAuth.signOut", (app: FastifyInstance) => app.cognitoAuth.signOut]
  ])("%s as a hook answers nothing, and is told to be called, in one fault", async (name, uncalled) => {
    const app = makeApp()
    let error: unknown
    app.setErrorHandler((thrown, _request, reply) => {
      error = thrown
      return reply.code(500).send("broken")
    })
    await app.register(cognitoAuth, trusting(forge))
    app.get("/", { onRequest: uncalled(app) as never }, async () => "secret")
    expect((await app.inject({ url: "/", headers: await forge.headers() })).body).toBe("broken")
    expect(faultsOf(() => thrown(error))).toEqual([[name, expect.stringContaining("was passed on without being called. Call it: ")]])
  })

  it("the plugin as a hook is told to be registered", async () => {
    const app = makeApp()
    app.addHook("onRequest", cognitoAuth as never)
    app.get("/", async () => "secret")
    const answer = await app.inject("/")
    expect([answer.statusCode, answer.json().message]).toEqual([500, expect.stringContaining("await app.register(cognitoAuth, { … })")])
  })
})

const thrown = (error: unknown): never => {
  throw error
}
