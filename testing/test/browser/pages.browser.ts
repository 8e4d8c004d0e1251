/** How the pages look, and whether everybody can use them: axe's rules, in light and dark. `SCREENSHOTS=folder` keeps the pictures. */
import { mkdtempSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { launch, stage } from "./browser.ts"
import { violationsOf } from "./violationsOf.ts"

let browser: Browser
beforeAll(async () => {
  browser = await launch()
})
afterAll(() => browser.close())

const folder = process.env["SCREENSHOTS"] ?? mkdtempSync(join(tmpdir(), "local-alb-"))

for (const colorScheme of ["light", "dark"] as const) {
  describe(`in ${colorScheme}`, () => {
    const open = async (width: number) => {
      // The pages run no script: axe's own must get past that.
      const context = await browser.newContext({ colorScheme, bypassCSP: true, viewport: { width, height: 900 }, deviceScaleFactor: 1 })
      return { page: await context.newPage(), [Symbol.asyncDispose]: () => context.close() }
    }
    const check = async (page: Page, name: string): Promise<void> => {
      const path = join(folder, `local-alb-${name}-${colorScheme}.png`)
      await page.screenshot({ path, fullPage: true })
      expect(statSync(path).size).toBeGreaterThan(10_000)
      expect(await violationsOf(page)).toEqual([])
      // Nothing runs off the page to the side.
      expect(await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")).toBe(0)
    }

    it("the sign-in page", async () => {
      await using behind = await stage()
      await using tab = await open(900)
      await tab.page.goto(behind.alb.url)
      await check(tab.page, "sign-in")
      await tab.page.getByLabel("E-mail address").fill("nobody")
      await tab.page.getByRole("button", { name: "Sign in", exact: true }).click()
      await check(tab.page, "sign-in-error")
    })

    it("the control page, with a day's work on it, on a wide screen and on a narrow one", async () => {
      await using behind = await stage()
      const { alb } = behind
      await using tab = await open(1180)
      const { page } = tab
      await page.goto(alb.url)
      await page.getByRole("button", { name: "Grace Hopper" }).click()
      await page.waitForURL(`${alb.url}/`)
      await page.goto(`${alb.url}/admin`)
      await page.evaluate(() => fetch("/admin"))
      alb.expireTokens()
      await page.evaluate(() => fetch("/session"))
      alb.renewTokens()
      const cookie = await alb.signIn({ email: "ada@example.com", name: "Ada Lovelace", groups: ["admins", "staff"] })
      await fetch(`${alb.url}/admin`, { headers: { cookie } })
      await page.goto(alb.controlUrl)
      await check(page, "control")
      await page.setViewportSize({ width: 380, height: 800 })
      await check(page, "control-narrow")
      await page.getByRole("button", { name: "Take the key host down" }).click()
      await check(page, "control-down")
    })

    it("the pages that say why not", async () => {
      await using behind = await stage()
      await using tab = await open(900)
      await tab.page.goto(`${behind.alb.cognitoDomain}/logout?client_id=x`)
      await check(tab.page, "refusal")
      await tab.page.goto(`${behind.alb.url}/oauth2/idpresponse`)
      expect(await violationsOf(tab.page)).toEqual([])
    })
  })
}
