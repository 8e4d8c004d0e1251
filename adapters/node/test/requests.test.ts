import { randomUUID } from "node:crypto"
import { ConfigurationError, NotProtected, Policy, User, type UserHandler } from "@cognito-auth/node"
import type { Forge } from "@cognito-auth/testing"
import { describe, expect, it } from "vitest"
import { sharedForge } from "../../../testing/test/sharedForge.ts"
import { startApp } from "./app.ts"
import { ask, pipeline, toBytes, toLines } from "./rawHttp.ts"

const forge = await sharedForge()

const sign = async (...[forgery = {}]: Parameters<Forge["tokens"]>) => toLines(await forge.headers(forgery))

describe("protect", () => {
  it("hands the verified user to the handler, with every claim", async () => {
    const sub = randomUUID()
    const users: Array<User> = []
    const app = await startApp(forge, {
      listener: (auth) =>
        auth.protect((_req, res, user) => {
          users.push(user)
          res.end()
        })
    })
    const headers = await sign({
      sub,
      username: "zoë",
      email: "Zoë@Example.com",
      name: "Zoë 山田",
      givenName: "Zoë",
      familyName: "山田",
      groups: ["staff", "a,b c"]
    })
    expect((await ask(app.port, { headers })).status).toBe(200)
    const [user] = users
    expect(user).toMatchObject({
      sub,
      username: "zoë",
      email: "Zoë@Example.com",
      emailDomain: "Example.com",
      emailVerified: true,
      name: "Zoë 山田",
      givenName: "Zoë",
      familyName: "山田",
      groups: ["staff", "a,b c"],
      isAdmin: false,
      isAppAdmin: false,
      isPlatformAdmin: false,
      isAuthenticated: true,
      issuer: forge.issuer
    })
    expect(user?.isIn("staff")).toBe(true)
    expect(user?.isIn("STAFF")).toBe(false)
  })

  it("leaves the response to the handler: status, headers and body are its own", async () => {
    const app = await startApp(forge, {
      listener: (auth) =>
        auth.protect((_req, res) => {
          res.writeHead(418, { "x-own": "yes", "content-length": 6 }).end("teapot")
        })
    })
    const answer = await ask(app.port, { headers: await sign() })
    expect([answer.status, answer.headers.get("x-own"), answer.body]).toEqual([418, "yes", "teapot"])
    expect([...answer.headers.keys()].sort()).toEqual(["connection", "content-length", "date", "x-own"])
  })

  it("hands a request's body to the handler, also when a key had to be fetched first", async () => {
    const app = await startApp(forge, {
      options: { keys: { preload: false } },
      listener: (auth) =>
        auth.protect((req, res) => {
          const chunks: Array<Buffer> = []
          req.on("data", (chunk: Buffer) => chunks.push(chunk))
          req.on("end", () => res.end(Buffer.concat(chunks)))
        })
    })
    const body = "x".repeat(100_000)
    const request = { method: "POST", headers: [...(await sign()), ["content-length", String(body.length)] as const], body }
    expect((await ask(app.port, request)).body).toBe(body)
    expect((await ask(app.port, request)).body).toBe(body)
  })

  it.each(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"])("guards %s alike", async (method) => {
    const app = await startApp(forge)
    expect((await ask(app.port, { method })).status).toBe(401)
    expect(app.served).toEqual([])
    expect((await ask(app.port, { method, headers: await sign() })).status).toBe(200)
  })

  it("verifies each request of a connection: a sign-in is never reused from the previous request", async () => {
    const app = await startApp(forge)
    const signed = toBytes({ headers: await sign({ email: "first@example.com" }) })
    const other = toBytes({ headers: await sign({ email: "second@example.com" }) })
    const bare = toBytes({})
    const answers = await pipeline(app.port, [signed, bare, other, bare, signed])
    expect(answers.map(({ status }) => status)).toEqual([200, 401, 200, 401, 200])
    expect(answers.map(({ body }) => body).filter((body) => body.startsWith("user"))).toEqual([
      "user first@example.com",
      "user second@example.com",
      "user first@example.com"
    ])
  })

  it("answers pipelined requests in order while the first of them waits for its key", async () => {
    const app = await startApp(forge, { options: { keys: { preload: false } } })
    await app.keys.misbehave("slow", { delay: "100 millis" })
    const signed = toBytes({ headers: await sign() })
    const answers = await pipeline(app.port, [signed, toBytes({}), signed])
    expect(answers.map(({ status }) => status)).toEqual([200, 401, 200])
  })

  it("takes either setting of the policy: users by e-mail in any ASCII case", async () => {
    const app = await startApp(forge, { policy: { allowedUsers: ["ada@example.com"] } })
    expect((await ask(app.port, { headers: await sign({ email: "ADA@example.COM" }) })).status).toBe(200)
    expect((await ask(app.port, { headers: await sign({ email: "ada@example.com.evil" }) })).status).toBe(403)
    expect((await ask(app.port, { headers: await sign({ email: undefined }) })).status).toBe(403)
  })

  it("refuses options that are wrong before the first request", async () => {
    const { auth } = await startApp(forge)
    const handler: UserHandler = () => undefined
    expect(() => auth.protect(handler, { bypass: ["health", "/a/../b", "/*", "/%68ealth", ""] })).toThrow(ConfigurationError)
    expect(() => auth.protect(handler, { bypass: JSON.parse('"/health"') })).toThrow(ConfigurationError)
  })
})

describe("bypass", () => {
  it("lets a named path in without a sign-in, as the anonymous user", async () => {
    const users: Array<User> = []
    const app = await startApp(forge, {
      listener: (auth) =>
        auth.protect(
          (_req, res, user) => {
            users.push(user)
            res.end("ok")
          },
          { bypass: ["/health"] }
        )
    })
    expect((await ask(app.port, { target: "/health" })).status).toBe(200)
    expect(users).toEqual([User.anonymous])
    expect(users[0]).toMatchObject({ isAuthenticated: false, isAdmin: false, email: "", sub: "", groups: [] })
  })

  it("knows nobody on a bypassed path, not even someone who sends a sign-in", async () => {
    const app = await startApp(forge, { bypass: ["/health"] })
    const answer = await ask(app.port, { target: "/health", headers: await sign({ groups: ["platform-admins"] }) })
    expect([answer.status, answer.body]).toEqual([200, "anonymous"])
    expect(app.keys.requests.count("alb")).toBe(0)
  })

  it("works while the key endpoints are down", async () => {
    const app = await startApp(forge, { bypass: ["/health"] })
    await app.keys.misbehave("down")
    expect((await ask(app.port, { target: "/health" })).status).toBe(200)
  })

  it("bypasses nothing unless it is told to", async () => {
    const app = await startApp(forge)
    for (const target of ["/", "/health", "/favicon.ico", "/oauth2/idpresponse", "/.well-known/security.txt"]) {
      expect((await ask(app.port, { target })).status).toBe(401)
    }
  })
})

describe("getAuthUser", () => {
  it("gives the user that the handler was given", async () => {
    const seen: Array<boolean> = []
    const app = await startApp(forge, {
      listener: (auth) =>
        auth.protect((req, res, user) => {
          seen.push(auth.getAuthUser(req) === user)
          res.end()
        })
    })
    expect((await ask(app.port, { headers: await sign() })).status).toBe(200)
    expect(seen).toEqual([true])
  })

  it("throws NotProtected on a bypassed path, and without a guard", async () => {
    const thrown: Array<unknown> = []
    const app = await startApp(forge, {
      listener: (auth) => {
        const handler: UserHandler = (req, res) => {
          try {
            auth.getAuthUser(req)
          } catch (error) {
            thrown.push(error)
          }
          res.end()
        }
        const guarded = auth.protect(handler, { bypass: ["/health"] })
        return (req, res) => (req.url === "/bare" ? handler(req, res, User.anonymous) : guarded(req, res))
      }
    })
    await ask(app.port, { target: "/health", headers: await sign() })
    await ask(app.port, { target: "/bare", headers: await sign() })
    expect(thrown).toEqual([expect.any(NotProtected), expect.any(NotProtected)])
  })

  it("throws NotProtected after a refusal", async () => {
    const thrown: Array<unknown> = []
    const app = await startApp(forge, {
      listener: (auth, handler) => {
        const guarded = auth.require({ groups: ["admins"] })(handler)
        return (req, res) => {
          guarded(req, res)
          try {
            auth.getAuthUser(req)
          } catch (error) {
            thrown.push(error)
          }
        }
      }
    })
    await app.auth.ready()
    const headers = await sign({ groups: ["staff"] })
    for (const each of [[], headers, headers]) await ask(app.port, { headers: each })
    expect(thrown).toEqual([expect.any(NotProtected), expect.any(NotProtected), expect.any(NotProtected)])
  })

  it("tells two apps in one process apart", async () => {
    const thrown: Array<unknown> = []
    const other = await startApp(forge)
    const app = await startApp(forge, {
      listener: (auth) =>
        auth.protect((req, res) => {
          try {
            other.auth.getAuthUser(req)
          } catch (error) {
            thrown.push(error)
          }
          res.end()
        })
    })
    expect((await ask(app.port, { headers: await sign() })).status).toBe(200)
    expect(thrown).toEqual([expect.any(NotProtected)])
  })
})

describe("require", () => {
  const cases = [
    { what: "one group of several", require: { groups: ["admins", "owners"] }, user: { groups: ["staff", "owners"] }, status: 200 },
    { what: "a group given as a string", require: { groups: "admins" }, user: { groups: ["admins"] }, status: 200 },
    { what: "another group", require: { groups: ["admins"] }, user: { groups: ["staff"] }, status: 403 },
    { what: "a group in another case", require: { groups: ["admins"] }, user: { groups: ["Admins"] }, status: 403 },
    { what: "a group as part of a longer name", require: { groups: ["admins"] }, user: { groups: ["not admins"] }, status: 403 },
    { what: "no group at all", require: { groups: ["admins"] }, user: {}, status: 403 },
    { what: "an e-mail", require: { users: "Ada@example.com" }, user: { email: "ada@Example.com" }, status: 200 },
    { what: "another e-mail", require: { users: ["ada@example.com"] }, user: { email: "eve@example.com" }, status: 403 },
    { what: "an e-mail that is not verified", require: { users: ["ada@example.com"] }, user: { emailVerified: false }, status: 403 },
    {
      what: "an e-mail, or a group",
      require: { users: ["ada@example.com"], groups: ["admins"] },
      user: { email: "b@c.d", groups: ["admins"] },
      status: 200
    },
    { what: "an administrator, who is none", require: { admin: true }, user: { groups: ["admins"] }, status: 403 },
    { what: "an administrator of the platform", require: { admin: true }, user: { groups: ["platform-admins"] }, status: 200 },
    {
      what: "a group, of an administrator of the platform",
      require: { groups: ["admins"] },
      user: { groups: ["platform-admins"] },
      status: 200
    }
  ]

  it.each(cases)("answers $status to $what, by itself", async ({ require, user, status }) => {
    const app = await startApp(forge, { listener: (auth, handler) => auth.require(require)(handler) })
    expect((await ask(app.port, { headers: await sign(user) })).status).toBe(status)
    expect((await ask(app.port, {})).status).toBe(401)
    expect(app.served).toHaveLength(status === 200 ? 1 : 0)
  })

  it.each(cases)("answers $status to $what, inside protect", async ({ require, user, status }) => {
    const app = await startApp(forge, {
      listener: (auth, handler) => {
        const required = auth.require(require)(handler)
        return auth.protect((req, res) => required(req, res))
      }
    })
    expect((await ask(app.port, { headers: await sign(user) })).status).toBe(status)
    expect((await ask(app.port, {})).status).toBe(401)
    expect(app.served).toHaveLength(status === 200 ? 1 : 0)
  })

  it("asks for a sign-in inside protect on a path that protect bypasses", async () => {
    const app = await startApp(forge, {
      listener: (auth, handler) => {
        const required = auth.require({ groups: ["admins"] })(handler)
        return auth.protect((req, res) => required(req, res), { bypass: ["/admin"] })
      }
    })
    expect((await ask(app.port, { target: "/admin" })).status).toBe(401)
    expect((await ask(app.port, { target: "/admin", headers: await sign({ groups: ["staff"] }) })).status).toBe(403)
    expect((await ask(app.port, { target: "/admin", headers: await sign({ groups: ["admins"] }) })).status).toBe(200)
  })

  it("holds the policy too: a required group alone lets nobody past it", async () => {
    const app = await startApp(forge, {
      policy: { allowedGroups: ["staff"] },
      listener: (auth, handler) => auth.require({ groups: ["admins"] })(handler)
    })
    expect((await ask(app.port, { headers: await sign({ groups: ["admins"] }) })).status).toBe(403)
    expect((await ask(app.port, { headers: await sign({ groups: ["staff"] }) })).status).toBe(403)
    expect((await ask(app.port, { headers: await sign({ groups: ["staff", "admins"] }) })).status).toBe(200)
  })

  it("lets an administrator of the app pass, whom the policy names", async () => {
    const policy = Policy.fromLists({ allowedGroups: ["staff"], adminUsers: ["root@example.com"] })
    const app = await startApp(forge, { options: { policy }, listener: (auth, handler) => auth.require({ groups: ["admins"] })(handler) })
    expect((await ask(app.port, { headers: await sign({ email: "root@example.com" }) })).status).toBe(200)
    expect((await ask(app.port, { headers: await sign({ email: "root@example.com", emailVerified: false }) })).status).toBe(403)
  })

  it("verifies once for a request that passes several guards", async () => {
    const app = await startApp(forge, {
      listener: (auth, handler) => {
        const inner = auth.require({ groups: ["a"] })(handler)
        const middle = auth.require({ groups: ["b"] })((req, res) => inner(req, res))
        return auth.protect((req, res) => middle(req, res))
      }
    })
    expect((await ask(app.port, { headers: await sign({ groups: ["a", "b"] }) })).status).toBe(200)
    expect((await ask(app.port, { headers: await sign({ groups: ["a"] }) })).status).toBe(403)
    expect((await ask(app.port, { headers: await sign({ groups: ["b"] }) })).status).toBe(403)
    expect(app.served).toHaveLength(1)
  })

  it("refuses a requirement that requires nothing, or that it does not know", async () => {
    const { auth } = await startApp(forge)
    const wrong: ReadonlyArray<object> = [
      {},
      { group: ["admins"] },
      { groups: "" },
      { groups: [1] },
      { admin: false },
      { users: ["no e-mail"] }
    ]
    for (const options of wrong) expect(() => auth.require(options), JSON.stringify(options)).toThrow(ConfigurationError)
  })
})
