import type { Browser, Page, WebSocket } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { PythonApp } from "./startPython.ts"
import { type Example, forge, type Stage, signIn, startBrowser, startExample, startStage, upgradeStatus } from "./startStage.ts"

interface Case extends Example {
  readonly name: string
  /** A path that only the app's WebSocket is for. */
  readonly webSocket?: string
  /** What a user does, and what is seen of it. */
  readonly use: (page: Page) => Promise<void>
}

const gunicorn = (app: string) => (port: string) => [
  "-m",
  "gunicorn",
  "--no-control-socket",
  "--bind",
  `127.0.0.1:${port}`,
  "--threads",
  "8",
  app
]
const cases: ReadonlyArray<Case> = [
  {
    name: "Streamlit",
    args: (port) => [
      ...["-m", "streamlit", "run", "streamlit_app.py", "--server.address", "127.0.0.1", "--server.port", port],
      ...["--server.headless", "true", "--browser.gatherUsageStats", "false"]
    ],
    health: "/_stcore/health",
    webSocket: "/_stcore/stream",
    use: async (page) => {
      await page.getByText("Signed in as grace@example.com").waitFor()
      await page.getByLabel("Your name").fill("Grace")
      await page.getByLabel("Your name").press("Enter")
      await page.getByRole("button", { name: "Greet" }).click()
      await page.getByText("Hello Grace! Logged in as grace@example.com").waitFor()
    }
  },
  {
    name: "Flask",
    args: gunicorn("flask_app:app"),
    health: "/health",
    webSocket: "/chat",
    use: async (page) => {
      await page.getByText("Signed in as grace@example.com").waitFor()
      await page.getByText("connected", { exact: true }).waitFor()
      await page.getByLabel("Message").fill("hello")
      await page.getByRole("button", { name: "Send" }).click()
      await page.getByText("grace@example.com says hello").waitFor()
    }
  },
  {
    name: "Dash",
    args: gunicorn("dash_app:server"),
    health: "/_dash-dependencies",
    use: async (page) => {
      await page.getByText("Signed in as grace@example.com").waitFor()
      await page.getByLabel("Your name").fill("Grace")
      await page.getByRole("button", { name: "Greet" }).click()
      await page.getByText("Hello Grace! Logged in as grace@example.com").waitFor()
    }
  }
]

let browser: Browser
beforeAll(async () => {
  browser = await startBrowser()
})
afterAll(() => browser?.close())

describe.each(cases)("$name behind the gateway", (example) => {
  const { webSocket, use } = example
  let app: PythonApp
  let stage: Stage
  beforeAll(async () => {
    app = await startExample(example)
    stage = await startStage(app)
  })
  afterAll(async () => {
    await stage?.close()
    await app?.close()
  })

  it("in a real browser: a signed-in user uses it, and it knows who that is", async () => {
    const opened: Array<string> = []
    const page = await signIn(browser, stage.alb.url, "Grace Hopper", (page) => {
      page.on("websocket", (socket) => opened.push(new URL(socket.url()).pathname))
    })
    await use(page)
    expect(opened).toEqual(webSocket === undefined ? [] : [webSocket])
    await page.context().close()
  })

  it("refuses clients without a sign-in, whatever headers they send, and none of it reaches the app", async () => {
    const before = stage.requests().length
    const headers = { "x-forwarded-user": "root", x_forwarded_email: "root@example.com" }
    for (const path of ["/", "/_stcore/health", "/_dash-update-component", "/chat", "/_stcore/stream"]) {
      for (const method of ["GET", "POST"]) {
        const answer = await fetch(stage.url + path, { method, headers, redirect: "manual" })
        expect([method, path, answer.status]).toEqual([method, path, 401])
      }
      expect([path, await upgradeStatus(stage.url + path, headers)]).toEqual([path, 401])
    }
    expect(stage.requests().slice(before)).toEqual([])
  })
})

describe.each(cases.filter(({ webSocket }) => webSocket !== undefined))("the session's end, with $name", (example) => {
  const { webSocket = "", use } = example
  it("closes the WebSocket, and no other is opened until its user signs in again", async () => {
    const app = await startExample(example)
    const stage = await startStage(app, { accessLifetime: "15 seconds", refresh: false, cognitoSession: "1 second" })
    try {
      const sockets: Array<WebSocket> = []
      const page = await signIn(browser, stage.alb.url, "Grace Hopper", (page) => {
        page.on("websocket", (socket) => sockets.push(socket))
      })
      await use(page)
      const [socket] = sockets
      expect(socket?.isClosed()).toBe(false)
      await socket?.waitForEvent("close", { timeout: 60_000 })
      const reached = stage.requests().filter((line) => line === `GET ${webSocket}`).length
      expect(reached).toBe(1)

      // The page's own next try, or the user's: it is the gateway that refuses.
      await page.evaluate(`void new WebSocket(location.origin.replace("http", "ws") + "${webSocket}")`)
      await expect
        .poll(() => stage.alb.recentRequests().find(({ path, status }) => path === webSocket && status === 401)?.by, { timeout: 30_000 })
        .toBe("app")
      expect(stage.requests().filter((line) => line === `GET ${webSocket}`)).toHaveLength(reached)

      stage.alb.expireSession()
      await page.goto(stage.alb.url)
      await page.getByRole("button", { name: "Grace Hopper" }).click()
      await use(page)
      await page.context().close()
    } finally {
      await stage.close()
      await app.close()
    }
  })
})

describe("an access token that the load balancer renews, with Streamlit", () => {
  it("ends the WebSocket that it opened; Streamlit opens another by itself, and the page goes on", async () => {
    const streamlit = cases.find(({ name }) => name === "Streamlit") as Case
    const app = await startExample(streamlit)
    const stage = await startStage(app, { accessLifetime: "15 seconds", refresh: true })
    try {
      const sockets: Array<WebSocket> = []
      const page = await signIn(browser, stage.alb.url, "Grace Hopper", (page) => {
        page.on("websocket", (socket) => sockets.push(socket))
      })
      await streamlit.use(page)
      await sockets[0]?.waitForEvent("close", { timeout: 60_000 })
      await expect.poll(() => sockets.length, { timeout: 30_000 }).toBeGreaterThan(1)
      await page.getByLabel("Your name").fill("Admiral Hopper")
      await page.getByLabel("Your name").press("Enter")
      await page.getByRole("button", { name: "Greet" }).click()
      await page.getByText("Hello Admiral Hopper! Logged in as grace@example.com").waitFor()
      await page.context().close()
    } finally {
      await stage.close()
      await app.close()
    }
  })
})

describe("Flask, on gunicorn, behind the gateway", () => {
  const flask = cases.find(({ name }) => name === "Flask") as Case
  let app: PythonApp
  let stage: Stage
  beforeAll(async () => {
    app = await startExample(flask)
    stage = await startStage(app)
  })
  afterAll(async () => {
    await stage?.close()
    await app?.close()
  })
  const get = async (path: string, user: object, headers: Readonly<Record<string, string>> = {}) => {
    const answer = await fetch(stage.url + path, { headers: { ...(await forge.headers(user)), ...headers } })
    return { status: answer.status, text: await answer.text() }
  }
  const ada = { email: "ada@example.com", groups: ["admins"] }
  const sam = { email: "sam@example.com", groups: ["staff"] }

  it("has a page for administrators alone, and one for everybody", async () => {
    expect(await get("/admin", ada)).toEqual({ status: 200, text: "Admin page for ada@example.com" })
    expect((await get("/admin", sam)).status).toBe(403)
    expect(await (await fetch(`${stage.url}/health`)).text()).toBe("ok")
  })

  it("is told the client's address by the load balancer, not by the client", async () => {
    const { text } = await get("/", sam, { "x-forwarded-for": "10.9.9.9, 203.0.113.7" })
    expect(text).toContain("Signed in as sam@example.com, from 203.0.113.7")
  })

  // gunicorn removes SCRIPT_NAME from the path, for any client on its own host: the gateway is one.
  it.each(["SCRIPT_NAME", "script-name", "Script_Name"])("serves no page for administrators at another path, by %s", async (name) => {
    const before = stage.requests().length
    expect((await get("/x/admin", sam, { [name]: "/x" })).status).toBe(404)
    expect(stage.requests().slice(before)).toEqual(["GET /x/admin"])
  })
})
