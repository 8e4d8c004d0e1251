import { readFile } from "node:fs/promises"
import { type Browser, chromium, type Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type Front, type Stage, startGatewayStage, startStage } from "./stages.ts"

let browser: Browser
let stage: Stage
beforeAll(async () => {
  const executablePath = process.env["CHROMIUM"]
  if (executablePath === undefined) throw new Error("CHROMIUM does not say where the browser is: run npm run test:gradio.")
  const args = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]
  browser = await chromium.launch({ executablePath, args })
  stage = await startStage()
})
afterAll(async () => {
  await browser?.close()
  await stage?.close()
})

const names: ReadonlyArray<Front["name"]> = ["gateway", "Express", "Fastify"]

/** Goes to a page, and signs in on the way. Returns it once Gradio has made it. */
const signIn = async (url: string, user: string): Promise<Page> => {
  const context = await browser.newContext({ acceptDownloads: true })
  // Gradio's fonts are elsewhere: a test machine may have no way there.
  await context.route(/googleapis|gstatic|huggingface|cdnjs/, (route) => route.abort())
  const page = await context.newPage()
  await page.goto(url)
  await page.getByRole("button", { name: user }).click()
  return page
}

const openTab = (page: Page, name: string): Promise<void> => page.getByRole("tab", { name }).click()

describe.each(names)("in a real browser, through the load balancer and %s", (name) => {
  const front = () => stage.fronts.find((each) => each.name === name) as Front

  it("a user signs in, types, submits and is greeted by name; the output of a stream comes piece by piece", async () => {
    const page = await signIn(front().alb.url, "Grace Hopper")
    await page.getByLabel("Your name").fill("Grace")
    await page.getByRole("button", { name: "Greet" }).click()
    await expect
      .poll(() => page.getByLabel("Greeting", { exact: true }).last().inputValue(), { timeout: 30_000 })
      .toBe("Hello Grace! Logged in as grace@example.com")

    await openTab(page, "Counting")
    const count = async () => {
      await page.getByLabel("Count to").fill("6")
      await page.getByRole("button", { name: "Count" }).click()
    }
    await count()
    const seen = new Set<number>()
    let looksAtDefault = 0
    const counted = page.getByLabel("Counted")
    await expect
      .poll(
        async () => {
          const lines = (await counted.inputValue()).split("\n").filter((line) => line !== "")
          for (const line of lines) expect(line).toMatch(/^\d for grace@example\.com$/)
          seen.add(lines.length)
          // A tab that has only just opened may not have heard what was typed, and counts to its default: 3.
          if (lines.length === 3 && ++looksAtDefault % 60 === 0) await count()
          return lines.length
        },
        { interval: 50, timeout: 30_000 }
      )
      .toBe(6)
    // Not all at once: some of the pieces have been on the page by themselves.
    expect([...seen].filter((length) => length > 0 && length < 6).length).toBeGreaterThanOrEqual(2)
    await page.context().close()
  })

  it("a file is uploaded, and the answer downloaded", async () => {
    const page = await signIn(front().alb.url, "Grace Hopper")
    await openTab(page, "Files")
    await page
      .locator("input[type=file]")
      .first()
      .setInputFiles({ name: "quiet.txt", mimeType: "text/plain", buffer: Buffer.from("quiet") })
    await page.getByText("quiet.txt").waitFor()
    await page.getByRole("button", { name: "Shout" }).click()
    const link = page.locator('a[href*="shouted.txt"]').first()
    await link.waitFor()
    const [download] = await Promise.all([page.waitForEvent("download"), link.click()])
    expect(await readFile(await download.path(), "utf8")).toBe("QUIET\nfor grace@example.com\n")
    await page.context().close()
  })

  it("the administrators' app opens for the group, and another user is sent where he is told why not", async () => {
    const admin = await signIn(`${front().alb.url}/admin/`, "Ada Lovelace")
    await admin.getByRole("button", { name: "Open" }).click()
    await expect.poll(() => admin.getByLabel("Panel").inputValue(), { timeout: 30_000 }).toBe("Admin panel for ada@example.com")
    await admin.context().close()

    const before = front()
      .accessLog()
      .filter((line) => line.includes("/admin"))
    const other = await signIn(`${front().alb.url}/admin/`, "Grace Hopper")
    await other.waitForURL(/\/no-access$/)
    expect(
      front()
        .accessLog()
        .filter((line) => line.includes("/admin"))
    ).toEqual(before)
    await other.context().close()
  })
})

describe("a session that expires while a job streams", () => {
  it("ends the stream at its expiry, shows it, and signing in again works", async () => {
    const lifetimeMillis = 12_000
    const { alb, accessLog, close } = await startGatewayStage(
      { accessLifetime: "12 seconds", refresh: false, cognitoSession: "1 second" },
      { clockTolerance: "1 millis" }
    )
    try {
      const page = await signIn(alb.url, "Grace Hopper")
      const signedInAt = Date.now()
      await openTab(page, "Counting")
      await page.getByLabel("Count to").fill("200")
      await page.getByRole("button", { name: "Count" }).click()
      const counted = page.getByLabel("Counted")
      await expect.poll(() => counted.inputValue(), { timeout: 30_000 }).toContain("2 for grace@example.com")
      // Gradio's toast for a lost connection.
      await page.locator(".toast-body.error, .toast-body.warning").first().waitFor({ timeout: 40_000 })
      expect(Date.now() - signedInAt).toBeGreaterThan(lifetimeMillis - 2_000)
      expect(Date.now() - signedInAt).toBeLessThan(lifetimeMillis + 10_000)
      // Gradio reconnects automatically: it is not admitted any more.
      const arrived = accessLog().length
      await new Promise((resolve) => setTimeout(resolve, 5_000))
      expect(
        accessLog()
          .slice(arrived)
          .filter((line) => line !== "GET /no-access")
      ).toEqual([])
      expect(alb.recentRequests()[0]?.status).not.toBe(200)

      alb.expireSession()
      await page.goto(alb.url)
      await page.getByRole("button", { name: "Grace Hopper" }).click()
      await page.getByLabel("Your name").fill("Grace")
      await page.getByRole("button", { name: "Greet" }).click()
      await expect
        .poll(() => page.getByLabel("Greeting", { exact: true }).last().inputValue(), { timeout: 30_000 })
        .toContain("grace@example.com")
      await page.context().close()
    } finally {
      await close()
    }
  })
})
