import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import fc from "fast-check"
import { Agent, setGlobalDispatcher } from "undici"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { forge, startGatewayStage } from "./stages.ts"
import { startGradio } from "./startGradio.ts"

let stage: Awaited<ReturnType<typeof startGatewayStage>>
beforeAll(async () => {
  setGlobalDispatcher(new Agent({ headersTimeout: 0, bodyTimeout: 0 }))
  // The token cache is full before long: growth after that is a leak.
  stage = await startGatewayStage({}, { tokenCache: { maxBytes: 8_388_608 } })
})
afterAll(() => stage?.close())

/** Calls the streaming function as a user, and gives back all that it said. */
const count = async (email: string, to: number): Promise<string> => {
  const headers = await forge.headers({ email, sub: `sub of ${email}` })
  const call = `${stage.url}/gradio_api/call/count`
  const asked = await fetch(call, {
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify({ data: [to] })
  })
  expect(asked.status).toBe(200)
  const { event_id } = (await asked.json()) as { event_id: string }
  const answer = await fetch(`${call}/${event_id}`, { headers })
  expect(answer.headers.get("content-type")).toMatch(/^text\/event-stream/)
  return answer.text()
}

const expectOwn = (said: string, email: string, to: number): void => {
  expect(said).toContain("event: complete")
  const names = new Set([...said.matchAll(/\d+ for ([^"\\]+)/g)].map(([, name]) => name))
  expect([...names]).toEqual([email])
  expect(said).toContain(`${to} for ${email}`)
}

describe("many users at once", () => {
  it("∀ of 500 users on a streaming function: the name in each answer is the one in its token", async () => {
    const users = fc.sample(fc.tuple(fc.uuid(), fc.integer({ min: 2, max: 4 })), 500)
    await Promise.all(
      users.map(async ([id, to]) => {
        const email = `${id}@example.com`
        expectOwn(await count(email, to), email, to)
      })
    )
  })

  it("leave nothing behind: the memory is flat", async () => {
    // GRADIO_MINUTES=10 for as long, and with as many users, as it takes to be sure.
    const minutes = process.env["GRADIO_MINUTES"]
    const atOnce = minutes === undefined ? 50 : 500
    setFlagsFromString("--expose-gc")
    const collect = runInNewContext("gc") as () => void
    const heapMebibytes: Array<number> = []
    const begin = Date.now()
    for (let round = 0; round < 6 || Date.now() - begin < Number(minutes ?? 0.5) * 60_000; round++) {
      await Promise.all(Array.from({ length: atOnce }, (_, i) => count(`${round}-${i}@example.com`, 2)))
      collect()
      const { heapUsed, rss } = process.memoryUsage()
      heapMebibytes.push(heapUsed / 1_048_576)
      const seconds = ((Date.now() - begin) / 1_000).toFixed(0)
      console.log(
        `${seconds} s, ${(round + 1) * atOnce} streams: heap ${(heapUsed / 1_048_576).toFixed(1)} MiB, RSS ${(rss / 1_048_576).toFixed(0)} MiB`
      )
    }
    const settled = heapMebibytes[Math.floor(heapMebibytes.length / 3)] ?? 0
    expect((heapMebibytes.at(-1) ?? 0) - settled, heapMebibytes.map((each) => each.toFixed(1)).join(" ")).toBeLessThan(10)
  }, 900_000)
})

describe("a Gradio that goes", () => {
  it("in mid-stream is seen to have done so; then it is a 502, and when it is back the gateway is, too", async () => {
    const headers = await forge.headers()
    const running = count("ada@example.com", 100).then(
      (text) => text.includes("event: complete"),
      () => "cut"
    )
    await expect.poll(() => stage.accessLog().at(-1), { timeout: 30_000 }).toMatch(/^GET .*\/call\/count\//)
    await stage.gradio.close()
    expect(await running).toBe("cut")
    expect((await fetch(`${stage.url}/config`, { headers })).status).toBe(502)
    expect((await fetch(`${stage.url}/readyz`)).status).toBe(503)
    const again = await startGradio("public", Number(new URL(stage.gradio.url).port))
    try {
      expect((await fetch(`${stage.url}/config`, { headers })).status).toBe(200)
      expectOwn(await count("sam@example.com", 2), "sam@example.com", 2)
    } finally {
      await again.close()
    }
  })
})
