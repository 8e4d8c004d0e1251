import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { runs } from "../../../testing/test/runs.ts"
import { sharedForge } from "../../../testing/test/sharedForge.ts"
import { startApp } from "./app.ts"
import { ask, askUpgrade, type HeaderLines } from "./rawHttp.ts"

const forge = await sharedForge()

describe("a path that bypass names", () => {
  it.each(["/health", "/health/", "/health?x=1", "/health/?x=1", "/health?", "/health?/../admin", "/health??", "/status/live"])(
    "is bypassed: %s",
    async (target) => {
      const app = await startApp(forge, { bypass: ["/health", "/status/live/"] })
      expect((await ask(app.port, { target })).status).toBe(200)
      expect(app.served).toEqual([target])
    }
  )

  it("is bypassed for every method", async () => {
    const app = await startApp(forge, { bypass: ["/health"] })
    for (const method of ["GET", "HEAD", "POST", "OPTIONS"]) expect((await ask(app.port, { method, target: "/health" })).status).toBe(200)
  })

  it("opens the root alone when it is the root", async () => {
    const app = await startApp(forge, { bypass: ["/"] })
    expect((await ask(app.port, { target: "/" })).status).toBe(200)
    expect((await ask(app.port, { target: "/?x" })).status).toBe(200)
    for (const target of ["//", "/admin", "/.", "/./", "/..", "*", "http://app.example/", "http://app.example"]) {
      expect((await ask(app.port, { target, method: target === "*" ? "OPTIONS" : "GET" })).status, target).toBeGreaterThanOrEqual(400)
    }
    expect(app.served).toEqual(["/", "/?x"])
  })
})

describe("any other spelling", () => {
  const evasions = [
    "//health",
    "/health//",
    "///health",
    "/./health",
    "/health/.",
    "/health/..",
    "/health/../admin",
    "/health/../../admin",
    "/admin/../health",
    "/%68ealth",
    "/health%20",
    "/health%00",
    "/health%2f",
    "/health%2f..%2fadmin",
    "/health%2F..%2Fadmin",
    "/health%252f..%252fadmin",
    "/health/%2e%2e/admin",
    "/health%3f",
    "/health%23",
    "/HEALTH",
    "/Health",
    "/health;x=1",
    "/health;/../admin",
    "/health/;x=1",
    "/;/health",
    "/admin;/health",
    "/admin?/health",
    "/admin?path=/health",
    "/admin#/health",
    "/health#",
    "/health#/admin",
    "/admin%3f/health",
    "/healthy",
    "/health.json",
    "/health/x",
    "/health/admin",
    "/admin/health",
    "/api/health",
    "/health\\",
    "\\health",
    "/\\health",
    "/health\\..\\admin",
    "/health/..;/admin",
    "/h%C3%A9alth",
    "/health\u00e9",
    "/health\u0085",
    "/health\u00a0",
    "http://app.example/health",
    "http://evil.example/health",
    "https://app.example/health",
    "HTTP://APP.EXAMPLE/health",
    "health",
    "?/health",
    "*"
  ]

  it.each(evasions)("is not bypassed, though the app would have answered: %s", async (target) => {
    const app = await startApp(forge, { bypass: ["/health"] })
    const answer = await ask(app.port, { target })
    // 400 is Node's own, for what it cannot parse.
    expect([400, 401]).toContain(answer.status)
    expect(app.served).toEqual([])
  })

  it.each(evasions)("is not bypassed for an upgrade: %s", async (target) => {
    const app = await startApp(forge, { bypass: ["/health"] })
    const upgraded: Array<unknown> = []
    app.auth.protectUpgrades(app.server, (_req, socket) => void upgraded.push(socket.destroy()), { bypass: ["/health"] })
    const answer = await askUpgrade(app.port, { target })
    expect([400, 401]).toContain(answer.status)
    expect([...upgraded, ...app.served]).toEqual([])
  })

  it("∀ target made of the parts of such spellings: bypassed where it is the path, with any query, and nowhere else", async () => {
    const app = await startApp(forge, { bypass: ["/health"] })
    const part = fc.constantFrom(
      "/",
      "/",
      "health",
      "/health",
      "admin",
      "..",
      ".",
      ";",
      "?",
      "#",
      "\\",
      "%2f",
      "%2e",
      "%68",
      "%00",
      "H",
      "é",
      "=",
      "&",
      "*"
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(part, { minLength: 1, maxLength: 8 }),
        fc.constantFrom("", "/health", "/health?"),
        async (parts, prefix) => {
          const target = prefix + parts.join("")
          const answer = await ask(app.port, { target })
          expect(answer.status === 200).toBe(/^\/health\/?(\?.*)?$/.test(target) && answer.status !== 400)
          expect([200, 400, 401]).toContain(answer.status)
        }
      ),
      { numRuns: runs(200) }
    )
  })
})

describe("what the request says of its path elsewhere", () => {
  const claims: HeaderLines = [
    ["x-forwarded-uri", "/health"],
    ["x-forwarded-path", "/health"],
    ["x-forwarded-prefix", "/health"],
    ["x-original-url", "/health"],
    ["x-original-uri", "/health"],
    ["x-rewrite-url", "/health"],
    ["x-envoy-original-path", "/health"],
    ["x-http-method-override", "OPTIONS"],
    ["forwarded", "for=127.0.0.1;proto=https;host=app.example"],
    ["x-forwarded-for", "127.0.0.1"],
    ["referer", "http://app.example/health"]
  ]
  it.each(claims)("does not count: %s: %s", async (name, value) => {
    const app = await startApp(forge, { bypass: ["/health"] })
    expect((await ask(app.port, { target: "/admin", headers: [[name, value]] })).status).toBe(401)
    expect(app.served).toEqual([])
  })

  it("does not count in the Host field", async () => {
    const app = await startApp(forge, { bypass: ["/health"] })
    expect((await ask(app.port, { target: "/admin", headers: [["x-forwarded-host", "app.example/health"]] })).status).toBe(401)
  })
})
