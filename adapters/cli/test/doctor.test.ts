import { once } from "node:events"
import { createServer, type RequestListener, type ServerOptions } from "node:http"
import { createServer as createTlsServer } from "node:https"
import { type AddressInfo, createServer as createTcpServer } from "node:net"
import type { SecureContextOptions } from "node:tls"
import { cognitoAuth, serverOptions } from "@cognito-auth/node"
import type { KeyServer } from "@cognito-auth/testing"
import { afterAll, afterEach, describe, expect, it } from "vitest"
import { sharedForge } from "../../../testing/test/sharedForge.ts"
import { cli, cliProcess, folderWith } from "./cli.ts"
import { selfSigned } from "./selfSigned.ts"

const forge = await sharedForge()
const cleanups: Array<() => unknown> = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup()
})

interface Finding {
  readonly check: string
  readonly status: string
  readonly about?: string
  readonly found: string
  readonly remedy?: string
}

const serveKeys = async (): Promise<KeyServer> => {
  const keys = await forge.serve()
  cleanups.push(keys.close)
  return keys
}

const listen = async (handler: RequestListener, options: ServerOptions & SecureContextOptions = serverOptions): Promise<string> => {
  const tls = options.cert === undefined ? undefined : options
  const server = (tls === undefined ? createServer(options, handler) : createTlsServer(tls, handler)).listen(0, "127.0.0.1")
  await once(server, "listening")
  cleanups.push(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http${tls === undefined ? "" : "s"}://localhost:${(server.address() as AddressInfo).port}`
}

const doctor = async (env: Readonly<Record<string, string>>, ...args: ReadonlyArray<string>) => {
  // Node reads which certificates it trusts when it starts.
  const run = "NODE_EXTRA_CA_CERTS" in env ? cliProcess : cli
  const { code, stdout, stderr } = await run(["doctor", "--json", ...args], { env })
  const { ok, findings } = JSON.parse(stdout) as { ok: boolean; findings: ReadonlyArray<Finding> }
  expect(ok).toBe(code === 0)
  // Whatever is not well comes with what to do about it.
  for (const { status, remedy } of findings) if (status === "failed" || status === "warning") expect(remedy).toMatch(/\.$/)
  return { code, stderr, findings, of: (check: string) => findings.filter((finding) => finding.check === check) }
}

describe("doctor", () => {
  it("finds everything in order where it is", async () => {
    const keys = await serveKeys()
    const { code, findings, stderr } = await doctor(keys.settings({ allowedGroups: ["staff"] }).env)
    expect(stderr).toBe("")
    expect(findings.map(({ check, status }) => `${check} ${status}`)).toEqual([
      "configuration ok",
      "dev-mode ok",
      "policy ok",
      "alb-keys.dns ok",
      "alb-keys.time ok",
      "alb-keys.content ok",
      "jwks.dns ok",
      "jwks.time ok",
      "jwks.content ok",
      "clock ok",
      "app skipped"
    ])
    expect(code).toBe(0)
    expect(findings.find(({ check }) => check === "jwks.content")?.found).toBe("1 usable key")
    expect(findings.find(({ check }) => check === "policy")?.found).toBe("admits a member of staff")
  })

  it("prints the same for people, with a line for what to do", async () => {
    const keys = await serveKeys()
    await keys.misbehave("500", { only: "cognito" })
    const { code, stdout } = await cli(["doctor"], { env: keys.settings().env })
    expect(code).toBe(1)
    expect(stdout).toMatch(/^FAILED {3}jwks\.content {7}http\S+: gives no usable response: status 500\n {28}What to do: /m)
    expect(stdout).toMatch(/^warning {2}policy {13}admits any authenticated user$/m)
    expect(stdout).toMatch(/\d+ checks: 1 failed, 1 warning\.\n$/)
    expect(stdout).not.toContain("\u001b")
  })

  it("names every fault of the settings, and looks at the endpoints all the same where only the policy is at fault", async () => {
    const none = await doctor({})
    // As the table of exit codes has it: a configuration with faults.
    expect(none.code).toBe(2)
    expect(none.of("configuration").map(({ about }) => about)).toEqual([
      "--user-pool-id (COGNITO_AUTH_USER_POOL_ID)",
      "--client-id (COGNITO_AUTH_CLIENT_ID)",
      "--alb-arn (COGNITO_AUTH_ALB_ARN)",
      "policy"
    ])
    expect(none.of("jwks.content")).toEqual([])
    const keys = await serveKeys()
    const { COGNITO_AUTH_ALLOW_ANY_USER, ...env } = keys.settings().env
    expect(COGNITO_AUTH_ALLOW_ANY_USER).toBe("true")
    const noPolicy = await doctor(env)
    expect(noPolicy.of("configuration")).toMatchObject([{ status: "failed", about: "policy" }])
    expect(noPolicy.of("jwks.content")).toMatchObject([{ status: "ok" }])
    expect(noPolicy.of("policy")).toEqual([])
  })

  it("warns of dev mode, and fails where it is on in production", async () => {
    const keys = await serveKeys()
    const env = { ...keys.settings().env, COGNITO_AUTH_DEV_MODE: "true" }
    expect((await doctor(env)).of("dev-mode")).toMatchObject([{ status: "warning" }])
    const production = await doctor({ ...env, NODE_ENV: "production" })
    expect(production.of("configuration")).toMatchObject([{ status: "failed", about: expect.stringContaining("devMode") }])
    expect(production.of("jwks.content")).toMatchObject([{ status: "ok" }])
  })

  it("says where the policy cannot be read", async () => {
    const keys = await serveKeys()
    const { env } = keys.settings({ allowedGroups: ["staff"] })
    const folder = folderWith({ "auth-config.json": "{" })
    afterAll(folder.remove)
    const broken = await doctor(env, "--config-path", `${folder.path}/auth-config.json`)
    expect(broken.of("configuration")).toMatchObject([{ status: "failed", found: "is not JSON." }])
    const secret = { ...env, AWS_ENDPOINT_URL_SECRETS_MANAGER: "http://127.0.0.1:1", AWS_ACCESS_KEY_ID: "id", AWS_SECRET_ACCESS_KEY: "key" }
    const unreachable = await doctor(secret, "--secret-name", "my-app/policy")
    expect(unreachable.of("policy")).toMatchObject([{ status: "failed", found: expect.stringContaining("ECONNREFUSED") }])
  })
})

describe("doctor, of a key endpoint that", () => {
  it.each([
    ["500", "status 500"],
    ["garbage", "not"],
    ["wrong-content", "not"],
    ["redirect", "status 302"],
    ["down", "connection failed"],
    ["never", "timeout"],
    ["endless", "longer than"]
  ] as const)("is %s: both are told, and why", async (how, reason) => {
    const keys = await serveKeys()
    await keys.misbehave(how)
    const { code, of } = await doctor(keys.settings().env)
    expect(code).toBe(1)
    for (const check of ["jwks.content", "alb-keys.content"]) {
      expect(of(check)).toMatchObject([{ status: "failed", found: expect.stringContaining(`gives no usable response: ${reason}`) }])
    }
  })

  it("knows no key set, or cuts it off: told of the set", async () => {
    const keys = await serveKeys()
    for (const how of ["404", "truncated"] as const) {
      await keys.misbehave(how, { only: "cognito" })
      const { of } = await doctor(keys.settings().env)
      expect([of("jwks.content")[0]?.status, of("alb-keys.content")[0]?.status]).toEqual(["failed", "ok"])
    }
  })

  it("answers slowly: a warning", async () => {
    const keys = await serveKeys()
    await keys.misbehave("slow", { delay: "1200 millis", only: "cognito" })
    const { code, of } = await doctor(keys.settings().env)
    expect(code).toBe(0)
    expect(of("jwks.time")).toMatchObject([{ status: "warning", found: expect.stringMatching(/^takes \d+ ms/) }])
    expect(of("alb-keys.time")).toMatchObject([{ status: "ok" }])
  })

  it("has, or does not have, the key of a kid that is asked for", async () => {
    const keys = await serveKeys()
    const { env } = keys.settings()
    const { kid } = forge.keys.alb.current
    expect((await doctor(env, "--kid", kid)).of("alb-keys.kid")).toMatchObject([{ status: "ok" }])
    const other = await doctor(env, "--kid", "00000000-0000-4000-8000-000000000000")
    expect([other.code, other.of("alb-keys.kid")[0]?.status]).toEqual([1, "failed"])
    expect((await cli(["doctor", "--kid", "../secrets"], { env })).code).toBe(2)
  })

  it("has a name that nobody knows", async () => {
    const keys = await serveKeys()
    // RFC 6761 §6.4: no resolver knows it.
    const { code, of } = await doctor(keys.settings().env, "--jwks-url", "https://keys.invalid/jwks.json")
    expect(code).toBe(1)
    expect(of("jwks.dns")).toMatchObject([{ status: "failed", found: expect.stringContaining("keys.invalid cannot be looked up") }])
    expect(of("jwks.tls")).toMatchObject([{ status: "skipped" }])
  })
})

describe("doctor, over TLS,", () => {
  const jwksOver = async (until: Date) => {
    const keys = await serveKeys()
    const tls = selfSigned(until)
    const jwks = JSON.stringify(forge.givenKeys().jwks)
    const url = await listen((_request, response) => response.end(jwks), tls)
    const folder = folderWith({ "ca.pem": tls.cert })
    cleanups.push(folder.remove)
    return {
      env: { ...keys.settings().env, COGNITO_AUTH_JWKS_URL: `${url}/jwks.json` },
      ca: { NODE_EXTRA_CA_CERTS: `${folder.path}/ca.pem` }
    }
  }
  const inDays = (days: number) => new Date(Date.now() + days * 86_400_000)

  it("accepts a certificate that is trusted, and says until when", async () => {
    const { env, ca } = await jwksOver(inDays(100))
    const { code, of } = await doctor({ ...env, ...ca })
    expect(of("jwks.tls")).toMatchObject([
      { status: "ok", found: `the certificate is valid until ${inDays(100).toISOString().slice(0, 10)}` }
    ])
    expect(code).toBe(0)
  })

  it("warns of one that ends soon", async () => {
    const { env, ca } = await jwksOver(inDays(5))
    expect((await doctor({ ...env, ...ca })).of("jwks.tls")).toMatchObject([{ status: "warning" }])
  })

  it("fails with an untrusted or expired certificate", async () => {
    const untrusted = await jwksOver(inDays(100))
    const ended = await jwksOver(inDays(-1))
    for (const [env, code] of [
      [untrusted.env, "SELF_SIGNED"],
      [{ ...ended.env, ...ended.ca }, "CERT_HAS_EXPIRED"]
    ] as const) {
      const { of } = await doctor(env)
      expect(of("jwks.tls")).toMatchObject([{ status: "failed", found: expect.stringContaining(code) }])
      expect(of("jwks.content")).toMatchObject([{ status: "failed" }])
    }
  })
})

describe("doctor, of the clock,", () => {
  it.each([
    [-3_600, "failed", "3600"],
    [3_600, "failed", "3600"],
    [0, "ok", "agrees"]
  ])("with a key host that is %i seconds off: %s", async (seconds, status, said) => {
    const keys = await serveKeys()
    const jwks = JSON.stringify(forge.givenKeys().jwks)
    const url = await listen((_request, response) => {
      response.setHeader("date", new Date(Date.now() + seconds * 1000).toUTCString()).end(jwks)
    })
    const { of } = await doctor(keys.settings().env, "--jwks-url", url)
    const clock = of("clock").find(({ about }) => about === new URL(url).host)
    expect(clock?.status).toBe(status)
    expect(clock?.found.replace(/(35\d\d|360\d)\.\d/, "3600")).toContain(said)
    if (status === "failed") expect(clock?.found).toContain(seconds < 0 ? "ahead" : "behind")
  })

  it("allows for a cache that tells the age of its answer, and for an answer without a date", async () => {
    const keys = await serveKeys()
    const jwks = JSON.stringify(forge.givenKeys().jwks)
    const cached = await listen((_request, response) => {
      response
        .setHeader("age", "3600")
        .setHeader("date", new Date(Date.now() - 3_600_000).toUTCString())
        .end(jwks)
    })
    expect((await doctor(keys.settings().env, "--jwks-url", cached)).of("clock").map(({ status }) => status)).toEqual(["ok", "ok"])
    const dateless = await listen((_request, response) => {
      response.sendDate = false
      response.end(jwks)
    })
    expect((await doctor(keys.settings().env, "--jwks-url", dateless)).of("clock").map(({ status }) => status)).toEqual(["ok", "skipped"])
  })
})

describe("doctor --app", () => {
  const checks = ["app.no-sign-in", "app.forged", "app.another-alb"]
  const statusesOf = async (handler: RequestListener, env: Readonly<Record<string, string>>, path = "/") => {
    const result = await doctor(env, "--app", `${await listen(handler)}${path}`)
    return {
      ...result,
      statuses: checks.map((check) => result.of(check)[0]?.status),
      found: checks.map((check) => result.of(check)[0]?.found)
    }
  }
  const protectedApp = (keys: KeyServer, extra: object = {}) => {
    const auth = cognitoAuth({ ...keys.settings().options, ...extra, logger: false })
    cleanups.push(auth.dispose)
    return auth.protect((_request, response) => response.end("in"), { bypass: ["/health"] })
  }

  it("accepts an app that refuses all three, and reports each refusal", async () => {
    const keys = await serveKeys()
    const { code, statuses, found } = await statusesOf(protectedApp(keys), keys.settings().env)
    expect(statuses).toEqual(["ok", "ok", "ok"])
    expect(found.map((text) => /\((\w+)\)$/.exec(text ?? "")?.[1])).toEqual(["HeaderMissing", "KeyUnknown", "SignerRefused"])
    expect(code).toBe(0)
  })

  it("fails with an app that nobody protects, or that only reads what the token says", async () => {
    const keys = await serveKeys()
    const open = await statusesOf((_request, response) => response.end("in"), keys.settings().env)
    expect([open.code, ...open.statuses]).toEqual([1, "failed", "failed", "failed"])
    const naive: RequestListener = (request, response) => {
      const [, payload = ""] = String(request.headers["x-amzn-oidc-data"] ?? "").split(".")
      response.statusCode = Buffer.from(payload, "base64url").includes("@example.com") ? 200 : 401
      response.end()
    }
    expect((await statusesOf(naive, keys.settings().env)).statuses).toEqual(["ok", "failed", "failed"])
  })

  it("fails with a page that is bypassed, and with dev mode", async () => {
    const keys = await serveKeys()
    expect((await statusesOf(protectedApp(keys), keys.settings().env, "/health")).statuses).toEqual(["failed", "failed", "failed"])
    const dev = await statusesOf(protectedApp(keys, { devMode: true }), keys.settings().env)
    expect(dev.statuses).toEqual(["failed", "ok", "ok"])
    expect(dev.found[0]).toContain("mock user")
  })

  it("takes a redirect elsewhere for a refusal, and does not take one within the app for it", async () => {
    const keys = await serveKeys()
    const to = (location: string) =>
      statusesOf((_request, response) => response.writeHead(302, { location }).end(), keys.settings().env).then(
        ({ statuses }) => statuses[0]
      )
    expect(await to("https://elsewhere.example/401.html")).toBe("ok")
    expect(await to("/home")).toBe("warning")
  })

  it("draws no conclusion from a missing page or an outage", async () => {
    const keys = await serveKeys()
    for (const status of [404, 500, 503]) {
      const { code, statuses } = await statusesOf((_request, response) => response.writeHead(status).end(), keys.settings().env)
      expect([code, ...statuses]).toEqual([0, "warning", "warning", "warning"])
    }
  })

  it("fails where nothing answers; refuses what is no URL", async () => {
    const keys = await serveKeys()
    const { env } = keys.settings()
    const { code, of } = await doctor(env, "--app", "http://127.0.0.1:1/")
    expect([code, of("app.forged")[0]?.found]).toEqual([1, "does not respond (ECONNREFUSED)"])
    expect((await cli(["doctor", "--app", "localhost:3000"], { env })).code).toBe(2)
  })

  it("looks at the app also where the settings have faults", async () => {
    const { code, statuses } = await statusesOf((_request, response) => response.end("in"), {})
    expect([code, ...statuses]).toEqual([2, "failed", "failed", "failed"])
  })
})

describe("doctor --app, of the server,", () => {
  const signIn = (req: { readonly headers: object }, res: { statusCode: number; end: (text: string) => unknown }) => {
    res.statusCode = "x-amzn-oidc-data" in req.headers ? 401 : 302
    res.end("no")
  }
  const judge = async (url: string, ...args: ReadonlyArray<string>) => {
    const keys = await serveKeys()
    const { of } = await doctor(keys.settings().env, "--app", url, ...args)
    return ["app.header-limit", "app.keep-alive"].map((check) => of(check)[0] ?? { status: "absent", found: "" })
  }

  it("accepts a server with serverOptions, and not one with Node's defaults", async () => {
    const tls = selfSigned(new Date(Date.now() + 86_400_000))
    expect((await judge(await listen(signIn))).map(({ status }) => status)).toEqual(["ok", "ok"])
    const [headers, idle] = await judge(await listen(signIn, {}))
    expect([headers?.status, idle?.status]).toEqual(["failed", "warning"])
    expect(headers?.found).toMatch(/^(responds 431 to|closes the connection \(\w+\) of) a sign-in with 60 KiB of headers$/)
    expect(idle?.found).toBe("closes idle connections after 5 seconds; the load balancer keeps them for 60")
    // What does not answer at all is said once, by the checks of the sign-in.
    expect((await judge(await listen(signIn, tls))).map(({ status }) => status)).toEqual(["absent", "absent"])
  })

  it("goes by what the server says, and where it says nothing, by --idle", async () => {
    const close = await listen((_req, res) => res.setHeader("connection", "close").end())
    expect((await judge(close))[1]).toMatchObject({ status: "ok", found: "announces that it closes each connection after its response" })
    const silent = await listen(signIn, { ...serverOptions, keepAliveTimeout: 0 })
    expect((await judge(silent))[1]?.status).toBe("skipped")
    expect((await judge(silent, "--idle", "1"))[1]).toMatchObject({ status: "ok", found: "keeps idle connections for more than 1 second" })
  })

  it("sees an idle connection being closed, whatever was said", async () => {
    const server = createTcpServer((socket) => {
      socket.on("error", () => undefined)
      socket.on("data", () => socket.end("HTTP/1.1 401 Unauthorized\r\nkeep-alive: timeout=75\r\ncontent-length: 0\r\n\r\n"))
    }).listen(0, "127.0.0.1")
    await once(server, "listening")
    cleanups.push(() => server.close())
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    expect((await judge(url))[1]?.status).toBe("ok")
    expect((await judge(url, "--idle", "60"))[1]).toMatchObject({ status: "warning", found: expect.stringContaining("after 0 seconds") })
  })

  it("refuses an --idle that is no number of seconds", async () => {
    for (const idle of ["0", "1 minute", "-1"])
      expect((await cli(["doctor", "--app", "http://127.0.0.1:1", `--idle=${idle}`])).code).toBe(2)
  })
})
