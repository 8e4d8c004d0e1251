import { once } from "node:events"
import { createServer } from "node:http"
import { createRequire } from "node:module"
import type { AddressInfo } from "node:net"
import { type AuthErrorTag, httpMeaning } from "@cognito-auth/core"
import { builtInPage, toRefusal } from "@cognito-auth/core/RefusalPage"
import type { AxeResults } from "axe-core"
import type { Browser } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { launch } from "./browser.ts"

let browser: Browser
beforeAll(async () => {
  browser = await launch()
})
afterAll(() => browser.close())

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js")

/** Answers every request with the page of an error, as an app does that refuses. */
const serve = async (error: AuthErrorTag) => {
  const { headers, body } = builtInPage(toRefusal({ _tag: error }, httpMeaning[error]))
  const targets: Array<string> = []
  const server = createServer((req, res) => {
    if (req.url !== "/favicon.ico") targets.push(req.url ?? "")
    res.writeHead(httpMeaning[error].status, headers).end(body)
  })
  await once(server.listen(0, "127.0.0.1"), "listening")
  const close = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return { targets, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, [Symbol.asyncDispose]: close }
}

describe("the page of a refusal", () => {
  it.each<[AuthErrorTag, string]>([
    ["HeaderMissing", "You are not signed in"],
    ["NotAuthorised", "You do not have access to this page"],
    ["KeySourceUnavailable", "Your sign-in cannot be checked at the moment"]
  ])("for %s has its style under its own policy, one heading, and fits a window of 320 pixels: 1280 at 400 %%", async (error, title) => {
    await using app = await serve(error)
    const page = await browser.newPage({ viewport: { width: 320, height: 256 } })
    const said: Array<string> = []
    page.on("console", (message) => said.push(message.text()))
    expect((await page.goto(`${app.url}/reports`))?.status()).toBe(httpMeaning[error].status)
    expect(await page.title()).toBe(title)
    expect(await page.getByRole("heading").allTextContents()).toEqual([title])
    expect(await page.getByRole("main").count()).toBe(1)
    expect(await page.evaluate("getComputedStyle(document.body).backgroundColor")).toBe("rgb(255, 255, 255)")
    expect(await page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")).toBe(true)
    // The status itself is said as a failed load; a style that the policy forbids would be said, too.
    expect(said.filter((line) => /Content Security Policy/i.test(line))).toEqual([])
    await page.close()
  })

  it.each(["light", "dark"] as const)("is one that everybody can use, by axe's rules, in %s", async (colorScheme) => {
    await using app = await serve("TokenExpired")
    // The page runs no script: axe's own must get past that.
    const page = await browser.newPage({ colorScheme, bypassCSP: true })
    await page.goto(app.url)
    const colour = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    expect(colour).toBe(colorScheme === "dark" ? "rgb(22, 24, 28)" : "rgb(255, 255, 255)")
    await page.addScriptTag({ path: axe })
    const { violations } = (await page.evaluate("axe.run()")) as AxeResults
    expect(violations.map(({ id }) => id)).toEqual([])
    await page.close()
  })

  it("loads the same page again by its link, with the keyboard and a focus that is seen", async () => {
    await using app = await serve("TokenExpired")
    const page = await browser.newPage()
    await page.goto(`${app.url}/reports?year=2026&q=a%20b#part`)
    await page.keyboard.press("Tab")
    expect(await page.evaluate("document.activeElement.textContent")).toBe("Sign in again")
    expect(await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")).toBe("solid")
    await Promise.all([page.waitForEvent("load"), page.keyboard.press("Enter")])
    expect(app.targets).toEqual(["/reports?year=2026&q=a%20b", "/reports?year=2026&q=a%20b"])
    await page.close()
  })
})
