import { Client } from "@gradio/client"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type Front, forge, type Stage, startStage } from "./stages.ts"

let stage: Stage
beforeAll(async () => {
  stage = await startStage()
}, 180_000)
afterAll(() => stage.close())

const names: ReadonlyArray<Front["name"]> = ["gateway", "Express", "Fastify"]
const ada = { email: "ada@example.com", groups: ["admins"] }
const sam = { email: "sam@example.com", groups: ["staff"] }

describe.each(names)("@gradio/client through %s", (name) => {
  const front = () => stage.fronts.find((each) => each.name === name) as Front
  const connect = async (path: string, user: object): Promise<Client> =>
    Client.connect(`${front().url}${path}`, { headers: await forge.headers(user), events: ["data", "status"] })

  it("is refused everywhere without a sign-in, and Gradio hears of nothing", async () => {
    const before = front().accessLog().length
    const paths = [
      "/",
      "/config",
      "/info",
      "/theme.css",
      "/assets/index.js",
      "/static/img/logo.svg",
      "/file=/etc/passwd",
      "/gradio_api/info",
      "/gradio_api/file=/etc/passwd",
      "/gradio_api/queue/join",
      "/gradio_api/queue/data?session_hash=x",
      "/gradio_api/call/greet",
      "/gradio_api/run/greet",
      "/gradio_api/upload",
      "/gradio_api/upload_progress",
      "/gradio_api/heartbeat/x",
      "/gradio_api/startup-events",
      "/gradio_api/app_id",
      "/gradio_api/mcp/sse",
      "/login",
      "/logout",
      "/token",
      "/manifest.json",
      "/robots.txt",
      "/docs",
      "/openapi.json",
      "/admin/",
      "/admin/config",
      "/admin/gradio_api/queue/join"
    ]
    for (const path of paths) {
      for (const method of ["GET", "POST"]) {
        const answer = await fetch(front().url + path, {
          method,
          redirect: "manual",
          headers: { "x-forwarded-user": "root", x_forwarded_user: "root" }
        })
        expect([method, path, answer.status]).toEqual([method, path, 401])
      }
    }
    expect((await fetch(front().alb.url, { redirect: "manual" })).status).toBe(302)
    await expect(Client.connect(front().url)).rejects.toThrow()
    expect(front().accessLog().slice(before)).toEqual([])
  })

  it("predicts, as the user of its token", async () => {
    const client = await connect("/", sam)
    const { data } = await client.predict("/greet", ["Sam"])
    expect(data).toEqual(["Hello Sam! Logged in as sam@example.com"])
    client.close()
  })

  it("gets events as they come", async () => {
    const client = await connect("/", sam)
    const arrivals: Array<readonly [text: string, at: number]> = []
    for await (const event of client.submit("/count", [4])) {
      if (event.type === "data") arrivals.push([String(event.data[0]), Date.now()])
      if (event.type === "status" && event.stage === "complete") break
    }
    expect(arrivals.at(-1)?.[0]).toBe([1, 2, 3, 4].map((each) => `${each} for sam@example.com`).join("\n"))
    expect(arrivals.length).toBeGreaterThanOrEqual(4)
    // The function takes 300 ms between two pieces: they have not come all at once.
    expect((arrivals.at(-1)?.[1] ?? 0) - (arrivals[0]?.[1] ?? 0)).toBeGreaterThan(500)
    client.close()
  })

  it("uploads a file, and downloads the answer with a sign-in alone", async () => {
    const client = await connect("/", sam)
    const { data } = await client.predict("/shout", [new Blob(["quiet"], { type: "text/plain" })])
    const [{ url }] = data as [{ url: string }]
    expect(new URL(url).origin).toBe(front().url)
    expect((await fetch(url)).status).toBe(401)
    expect(await (await fetch(url, { headers: await forge.headers(sam) })).text()).toBe("QUIET\nfor sam@example.com\n")
    client.close()
  })

  it("reaches the administrators' app with the group alone", async () => {
    const client = await connect("/admin/", ada)
    expect((await client.predict("/admin_panel", [])).data).toEqual(["Admin panel for ada@example.com"])
    client.close()
    const before = front().accessLog().length
    await expect(connect("/admin/", sam)).rejects.toThrow()
    expect(front().accessLog().slice(before)).toEqual([])
  })
})
