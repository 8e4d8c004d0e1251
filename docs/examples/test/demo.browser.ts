/** The demo in a real browser, as its first line says: open the page, sign in, look around, sign out. `SCREENSHOTS=folder` keeps the pictures. */
import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest"
import { launch } from "../../../testing/test/browser/browser.ts"
import { violationsOf } from "../../../testing/test/browser/violationsOf.ts"
import { pageOf, startDemo } from "./startDemo.ts"

let browser: Browser
beforeAll(async () => {
  browser = await launch()
})
afterAll(() => browser.close())

const folder = process.env["SCREENSHOTS"] ?? mkdtempSync(join(tmpdir(), "demo-"))

const headingOf = (page: Page): Promise<string | null> => page.getByRole("heading", { level: 1 }).textContent()

describe.each([
  ["node", "light", 900],
  ["express", "dark", 900],
  ["fastify", "light", 320]
] as const)("npm start -- %s, in a %s browser of %i pixels", (name, colorScheme, width) => {
  it("is walked through: sign in, the user, a refusal, sign out, and back at the sign-in page", async () => {
    const demo = startDemo([name])
    onTestFinished(async () => void (await demo.stop()))
    const url = await pageOf(demo)
    // The pages run no script: axe's own must get past that.
    const context = await browser.newContext({ colorScheme, bypassCSP: true, viewport: { width, height: 700 } })
    onTestFinished(() => context.close())
    const page = await context.newPage()
    const problems: Array<string> = []
    page.on("console", (message) => message.type() === "error" && problems.push(message.text()))
    const look = async (picture: string) => {
      await page.screenshot({ path: join(folder, `demo-${picture}-${colorScheme}-${width}.png`), fullPage: true })
      expect(await violationsOf(page)).toEqual([])
      expect(await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")).toBe(0)
    }

    await page.goto(url)
    expect(await headingOf(page)).toBe("Sign in")
    await page.getByRole("button", { name: "Grace Hopper" }).click()
    await page.waitForURL(`${url}/`)
    expect(await headingOf(page)).toBe("Hello Grace Hopper")
    expect(await page.locator("dl").textContent()).toContain("grace@example.com")
    await look("home")

    await page.getByRole("link", { name: "Administration" }).click()
    await page.waitForURL(`${url}/admin`)
    expect(await headingOf(page)).toBe("You do not have access to this page")
    await look("refused")

    await page.getByRole("link", { name: "Sign out" }).click()
    await page.waitForURL(`${url}/signed-out`)
    expect(await headingOf(page)).toBe("You are signed out")
    await look("signed-out")

    await page.getByRole("link", { name: "Sign in again" }).click()
    await page.waitForURL("**/login?**")
    expect(await headingOf(page)).toBe("Sign in")
    await page.getByRole("button", { name: "Ada Lovelace" }).click()
    await page.waitForURL(`${url}/`)
    await page.getByRole("link", { name: "Administration", exact: true }).click()
    expect(await headingOf(page)).toBe("Administration")
    await look("admin")
    // A refused page load is an error to the browser, as it should be; nothing else is.
    expect(problems.filter((problem) => !problem.includes("status of 403"))).toEqual([])
  })
})
