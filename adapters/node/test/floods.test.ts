import { randomUUID } from "node:crypto"
import { describe, expect, it } from "vitest"
import { sharedForge } from "../../../testing/test/sharedForge.ts"
import { type App, startApp } from "./app.ts"
import { ask, pipeline, toBytes, toLines } from "./rawHttp.ts"

const forge = await sharedForge()
const junk = () => Buffer.alloc(64, 7)

/** Tokens of the right signer, client and issuer, whose kid is made up: all that it takes to cause a look-up. */
const forgedKids = async (owner: "alb" | "access", count: number): Promise<ReadonlyArray<Buffer>> =>
  Promise.all(
    Array.from({ length: count }, async () => {
      const forgery = { header: { kid: randomUUID() }, signWith: junk }
      const headers = await forge.headers({ alb: { signWith: junk }, access: { signWith: junk }, [owner]: forgery })
      return toBytes({ headers: toLines(headers) })
    })
  )

/** Sends the requests over a few connections that stay open. How often each status came back. */
const flood = async (app: App, requests: ReadonlyArray<Buffer>): Promise<Record<number, number>> => {
  const connections = 20
  const share = Math.ceil(requests.length / connections)
  const answers = await Promise.all(
    Array.from({ length: connections }, (_, index) => pipeline(app.port, requests.slice(index * share, (index + 1) * share)))
  )
  const counts: Record<number, number> = {}
  for (const { status } of answers.flat()) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

/** What the ration allows: ten at once, then one every two seconds; and one or two that were under way. */
const handful = (millis: number) => 12 + millis / 2_000

describe("a thousand first requests at once", () => {
  it("fetch each key once, and all pass", async () => {
    const app = await startApp(forge, { options: { keys: { preload: false } } })
    await app.keys.misbehave("slow", { delay: "500 millis" })
    const headers = toLines(await forge.headers())
    const answers = await Promise.all(Array.from({ length: 1_000 }, () => ask(app.port, { headers })))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1_000)
    expect([app.keys.requests.count("alb"), app.keys.requests.count("cognito")]).toEqual([1, 1])
  })

  it("fetch each key a handful of times while the endpoints are failing, and all get a 503", async () => {
    const app = await startApp(forge, { options: { keys: { preload: false } } })
    await app.keys.misbehave("500")
    const request = toBytes({ headers: toLines(await forge.headers()) })
    const start = performance.now()
    expect(
      await flood(
        app,
        Array.from({ length: 1_000 }, () => request)
      )
    ).toEqual({ 503: 1_000 })
    const most = handful(performance.now() - start)
    expect(app.keys.requests.count("alb")).toBeLessThanOrEqual(most)
    expect(app.keys.requests.count("cognito")).toBeLessThanOrEqual(most)
  })
})

describe("two thousand forged kids", () => {
  it("reach the key endpoints a handful of times, and push no key out", async () => {
    // The endpoints share this process with the flood: on a loaded machine, they may take longer than the default allows.
    const app = await startApp(forge, { options: { keys: { timeout: "30 seconds" } } })
    const good = toLines(await forge.headers())
    expect((await ask(app.port, { headers: good })).status).toBe(200)
    app.keys.requests.clear()

    const [albKids, poolKids] = await Promise.all([forgedKids("alb", 1_000), forgedKids("access", 1_000)])
    const requests = albKids.flatMap((request, index) => [request, poolKids[index] ?? request])
    const start = performance.now()
    const meanwhile = Promise.all(Array.from({ length: 20 }, () => ask(app.port, { headers: good })))
    expect(await flood(app, requests)).toEqual({ 401: 2_000 })
    const most = handful(performance.now() - start)
    for (const owner of ["alb", "cognito"] as const) {
      expect(app.keys.requests.count(owner)).toBeGreaterThan(0)
      expect(app.keys.requests.count(owner)).toBeLessThanOrEqual(most)
    }
    expect((await meanwhile).map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200))

    app.keys.requests.clear()
    expect((await ask(app.port, { headers: toLines(await forge.headers()) })).status).toBe(200)
    expect(app.keys.requests.count()).toBe(0)
  })

  it("sign nobody out while the endpoint is failing: each is a 503, and the good user still passes", async () => {
    const app = await startApp(forge)
    const good = toLines(await forge.headers())
    expect((await ask(app.port, { headers: good })).status).toBe(200)
    await app.keys.misbehave("500")
    app.keys.requests.clear()

    const requests = await forgedKids("alb", 1_000)
    const start = performance.now()
    expect(await flood(app, requests)).toEqual({ 503: 1_000 })
    expect(app.keys.requests.count()).toBeLessThanOrEqual(handful(performance.now() - start))
    expect((await ask(app.port, { headers: good })).status).toBe(200)
  })

  it("of one kid ask for it once", async () => {
    const app = await startApp(forge)
    const [request = Buffer.alloc(0)] = await forgedKids("alb", 1)
    expect(
      await flood(
        app,
        Array.from({ length: 1_000 }, () => request)
      )
    ).toEqual({ 401: 1_000 })
    expect(app.keys.requests.count("alb")).toBe(1)
  })
})
