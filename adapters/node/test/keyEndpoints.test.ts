import type { ForgedHeaders, Forgery, KeyOwner, Misbehaviour } from "@cognito-auth/testing"
import { describe, expect, it } from "vitest"
import { ownForge } from "../../../testing/test/sharedForge.ts"
import { type App, startApp } from "./app.ts"
import { ask, type RawAnswer, toLines } from "./rawHttp.ts"

const forge = await ownForge()

const errorOf = ({ status, body }: RawAnswer) => [status, status === 200 ? body : (JSON.parse(body) as { error: string }).error]
const get = async (app: App, headers: ForgedHeaders) => errorOf(await ask(app.port, { headers: toLines(headers) }))

const admitted = [200, "user ada@example.com"]
const outage = [503, "KeySourceUnavailable"]

const cold = { keys: { preload: false } }
/** Short only where nothing comes in time, and even so long enough for an honest answer on a busy machine. */
const patienceWith = (how: Misbehaviour) =>
  ({ keys: { preload: false, timeout: how === "slow" || how === "never" ? "1500 millis" : "30 seconds" } }) as const

interface Failure {
  readonly how: Misbehaviour
  readonly only: KeyOwner
  /** What the log says was wrong. */
  readonly reason: string | RegExp
}
const reasons = {
  slow: "timeout",
  never: "timeout",
  "500": "status 500",
  truncated: "connection failed",
  endless: /longer than \d+ bytes/,
  redirect: "status 302",
  down: "connection failed"
} as const
const failures: ReadonlyArray<Failure> = [
  ...(["alb", "cognito"] as const).flatMap((only) =>
    (Object.keys(reasons) as Array<keyof typeof reasons>).map((how) => ({ how, only, reason: reasons[how] }))
  ),
  { how: "garbage", only: "alb", reason: "not one PEM public key" },
  { how: "wrong-content", only: "alb", reason: "not one PEM public key" },
  { how: "garbage", only: "cognito", reason: "not JSON" },
  { how: "wrong-content", only: "cognito", reason: "not JSON" },
  { how: "404", only: "cognito", reason: "there is no key set" }
]

describe("while a key endpoint fails", () => {
  it.each(failures)(
    "a first request gets a 503 with Retry-After, and the next one passes once it is mended: $only, $how",
    async ({ how, only, reason }) => {
      const app = await startApp(forge, { options: patienceWith(how) })
      const headers = await forge.headers()
      await app.keys.misbehave(how, { only, delay: "1 minute" })
      const answer = await ask(app.port, { headers: toLines(headers) })
      expect(errorOf(answer)).toEqual(outage)
      expect(answer.headers.get("retry-after")).toBe("5")
      expect(app.served).toEqual([])
      expect(app.keys.requests.paths.filter((path) => path.startsWith("/redirected"))).toEqual([])
      const source = only === "alb" ? app.keys.albKeysUrl : app.keys.jwksUrl
      expect(app.log().split(`no keys from ${source}: `)[1]).toMatch(reason)

      await app.keys.behave()
      expect(await get(app, headers)).toEqual(admitted)
    }
  )

  it.each([...failures, { how: "404", only: "alb" } as const])("cached keys go on working: $only, $how", async ({ how, only }) => {
    const app = await startApp(forge)
    expect(await get(app, await forge.headers())).toEqual(admitted)
    await app.keys.misbehave(how, { only })
    expect(await get(app, await forge.headers())).toEqual(admitted)
    expect(await get(app, await forge.headers({ email: "eve@example.com" }))).toEqual([200, "user eve@example.com"])
  })

  it.each(["alb", "cognito"] as const)("a key that it never had is an outage, not a refusal: %s", async (owner) => {
    // Its keys change, so they are its own.
    const forge = await ownForge()
    const app = await startApp(forge)
    const before = await forge.headers()
    expect(await get(app, before)).toEqual(admitted)
    await app.keys.rotate(owner)
    await app.keys.misbehave("down")
    expect(await get(app, await forge.headers())).toEqual(outage)
    expect(await get(app, before)).toEqual(admitted)
    await app.keys.behave()
    expect(await get(app, await forge.headers())).toEqual(admitted)
  })

  it("keys past their age go on working, and are refreshed once it is mended", async () => {
    const app = await startApp(forge, { options: { keys: { maxAge: "0 seconds" } } })
    expect(await get(app, await forge.headers())).toEqual(admitted)
    await app.keys.misbehave("down")
    for (let i = 0; i < 3; i++) expect(await get(app, await forge.headers())).toEqual(admitted)
    await app.keys.behave()
    expect(await get(app, await forge.headers())).toEqual(admitted)
  })

  it("keys past the time for which they may be used while it fails are an outage", async () => {
    const app = await startApp(forge, { options: { keys: { maxAge: "0 seconds", staleIfError: "0 seconds" } } })
    const headers = await forge.headers()
    expect(await get(app, headers)).toEqual(admitted)
    await app.keys.misbehave("500")
    // Not a millisecond must have passed on a fast machine.
    await expect.poll(() => get(app, headers)).toEqual(outage)
    await app.keys.behave()
    expect(await get(app, await forge.headers())).toEqual(admitted)
  })

  it("a token that is refused for another reason is still refused for it", async () => {
    const app = await startApp(forge, { options: cold })
    await app.keys.misbehave("down")
    const refused: ReadonlyArray<readonly [string, Forgery]> = [
      ["TokenExpired", { alb: { header: { exp: 1 } } }],
      ["SignerRefused", { alb: { header: { signer: "arn:aws:elasticloadbalancing:eu-west-2:999999999999:loadbalancer/app/evil/1" } } }],
      ["AlgorithmRefused", { access: { header: { alg: "none" } } }]
    ]
    for (const [error, forgery] of refused) expect(await get(app, await forge.headers(forgery))).toEqual([401, error])
  })
})

describe("keys", () => {
  it("are fetched before the first request, where they can be", async () => {
    const app = await startApp(forge)
    await app.auth.ready()
    expect(app.keys.requests.count("cognito")).toBe(1)
    expect(await get(app, await forge.headers())).toEqual(admitted)
    expect([app.keys.requests.count("alb"), app.keys.requests.count("cognito")]).toEqual([1, 1])
  })

  it("are not fetched before the first request with preload: false", async () => {
    const app = await startApp(forge, { options: cold })
    await ask(app.port, {})
    expect(app.keys.requests.count()).toBe(0)
  })

  it("that cannot be fetched at the start are no fault: ready() rejects, and the first request after the outage passes", async () => {
    const app = await startApp(forge, { options: cold })
    await app.keys.misbehave("down")
    await expect(app.auth.ready()).rejects.toMatchObject({ _tag: "KeySourceUnavailable", source: app.keys.jwksUrl })
    await app.keys.behave()
    await app.auth.ready()
    expect(await get(app, await forge.headers())).toEqual(admitted)
  })

  it("are fetched once for a hundred requests", async () => {
    const app = await startApp(forge, { options: cold })
    for (let i = 0; i < 100; i++) await get(app, await forge.headers())
    expect([app.keys.requests.count("alb"), app.keys.requests.count("cognito")]).toEqual([1, 1])
  })

  it("that are new are found by their first use, while the older ones go on working", async () => {
    // Its keys change, so they are its own.
    const forge = await ownForge()
    const app = await startApp(forge)
    const before = await forge.headers()
    expect(await get(app, before)).toEqual(admitted)
    for (let i = 0; i < 2; i++) {
      await app.keys.rotate()
      expect(await get(app, await forge.headers())).toEqual(admitted)
      expect(await get(app, before)).toEqual(admitted)
    }
    expect([app.keys.requests.count("alb"), app.keys.requests.count("cognito")]).toEqual([3, 3])
  })

  it.each([
    ["cognito", "12 hours", [401, "KeyUnknown"]],
    // It has no list that a key could be missing from: its 403 may be a proxy's.
    ["alb", "12 hours", outage],
    ["alb", "0 seconds", [401, "KeyUnknown"]]
  ] as const)("that were withdrawn are not used once their age is over: %s, staleIfError %s", async (owner, staleIfError, expected) => {
    // Its keys change, so they are its own.
    const forge = await ownForge()
    const app = await startApp(forge, { options: { keys: { maxAge: "0 seconds", staleIfError } } })
    const before = await forge.headers()
    expect(await get(app, before)).toEqual(admitted)
    const { kid } = forge.keys[owner].current
    await app.keys.rotate(owner)
    app.keys.withdraw(kid)
    // Not a millisecond must have passed on a fast machine.
    await expect.poll(() => get(app, before)).toEqual(expected)
    expect(await get(app, await forge.headers())).toEqual(admitted)
  })

  it("that the endpoint mixes up verify nothing", async () => {
    const app = await startApp(forge, { options: cold })
    await app.keys.misbehave("wrong-key")
    expect(await get(app, await forge.headers())).toEqual([401, "SignatureInvalid"])
  })

  it("that are given need no network", async () => {
    const app = await startApp(forge, { options: { keys: forge.givenKeys() } })
    await app.keys.misbehave("down")
    expect(await get(app, await forge.headers())).toEqual(admitted)
    expect(app.keys.requests.count()).toBe(0)
  })

  it("are never fetched for a token that can be refused without them", async () => {
    const app = await startApp(forge, { options: cold })
    const forgeries: ReadonlyArray<Forgery> = [
      { alb: { header: { signer: "arn:aws:elasticloadbalancing:eu-west-2:999999999999:loadbalancer/app/evil/50dc6c495c0c9188" } } },
      { alb: { header: { client: "another" } } },
      { alb: { header: { iss: "https://evil.example" } } },
      { alb: { header: { exp: 1 } } },
      { alb: { header: { alg: "RS256" } } },
      { alb: { header: { kid: "../jwks" } } },
      { alb: { header: { kid: "00000000-0000-0000-0000-000000000000/../../x" } } },
      { alb: { header: { kid: "00000000-0000-0000-0000-00000000000?" } } },
      { alb: { header: { kid: "http://evil.example/00000000-0000-0000-0000-000000000000" } } },
      { alb: { header: { jku: "http://127.0.0.1:1/keys", x5u: "http://127.0.0.1:1/keys", crit: ["jku"] } } },
      { access: { header: { alg: "none" } } },
      { access: { claims: { iss: "http://127.0.0.1:1/pool" } } },
      { access: { claims: { exp: 1 } } }
    ]
    for (const forgery of forgeries) expect((await get(app, await forge.headers(forgery)))[0], JSON.stringify(forgery)).toBe(401)
    expect(app.keys.requests.paths).toEqual([])
  })

  it("are fetched from the configured endpoint alone, whatever the token points at", async () => {
    const elsewhere = await forge.with({}).serve()
    const app = await startApp(forge, { options: cold })
    const pointers = { jku: elsewhere.jwksUrl, x5u: elsewhere.jwksUrl, jwk: { kty: "oct", k: "AAAA" } }
    expect(await get(app, await forge.headers({ alb: { header: pointers }, access: { header: pointers } }))).toEqual(admitted)
    expect(elsewhere.requests.count()).toBe(0)
    await elsewhere.close()
  })
})
