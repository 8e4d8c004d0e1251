import type { Browser, Locator, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { launch, stage } from "./browser.ts"

let browser: Browser
beforeAll(async () => {
  browser = await launch()
})
afterAll(() => browser.close())

const textOf = async (locator: Locator): Promise<string> => (await locator.textContent()) ?? ""
const titleOf = (page: Page): Promise<string> => textOf(page.getByRole("heading", { level: 1 }))

/** Picks a user on the sign-in page. */
const pick = (page: Page, name: string): Promise<void> => page.getByRole("button", { name }).click()

describe("in a real browser", () => {
  it("a user of the right group signs in and sees the page he was going to", async () => {
    await using behind = await stage()
    const page = await browser.newPage()
    await page.goto(`${behind.alb.url}/admin?tab=2`)
    expect(new URL(page.url()).origin).toBe(behind.alb.cognitoDomain)
    expect(await titleOf(page)).toBe("Sign in")
    await pick(page, "Ada Lovelace")
    await page.waitForURL(`${behind.alb.url}/admin?tab=2`)
    expect(await titleOf(page)).toBe("Administration by Ada Lovelace")
    await page.goto(behind.alb.url)
    expect(await textOf(page.locator("#who"))).toBe("ada@example.com: admins, staff")
    await page.close()
  })

  it("another user signs in and lands where he is told why not", async () => {
    await using behind = await stage()
    const page = await browser.newPage()
    await page.goto(behind.alb.url)
    await pick(page, "Alan Turing")
    await page.waitForURL(`${behind.alb.url}/no-access`)
    expect(await titleOf(page)).toBe("No access")
    await page.close()
  })

  it("a user is typed, with the keyboard alone and without JavaScript; what is wrong is said where it is", async () => {
    await using behind = await stage()
    const context = await browser.newContext({ javaScriptEnabled: false })
    const page = await context.newPage()
    await page.goto(behind.alb.url)
    await page.getByLabel("E-mail address").focus()
    await page.keyboard.type("nobody")
    await page.keyboard.press("Enter")
    await expect.poll(() => page.title()).toBe("Error: Sign in")
    expect(await textOf(page.getByRole("alert"))).toContain("Enter an e-mail address in the form name@example.com")
    expect(await page.getByLabel("E-mail address").getAttribute("aria-invalid")).toBe("true")
    await page.getByRole("link", { name: "Enter an e-mail address" }).press("Enter")
    await page.getByLabel("E-mail address").fill("")
    await page.keyboard.type("typed@example.com")
    await page.keyboard.press("Tab")
    await page.keyboard.type("Tilly Typed")
    await page.keyboard.press("Tab")
    await page.keyboard.type("staff, visitors")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Space")
    await page.waitForURL(`${behind.alb.url}/`)
    expect(await textOf(page.locator("#who"))).toBe("typed@example.com: staff, visitors")
    await context.close()
  })

  it("the sign-in page is used with the keyboard: past its users, with a focus that is seen", async () => {
    await using behind = await stage()
    const page = await browser.newPage()
    await page.goto(behind.alb.url)
    const focused = () => page.evaluate<string>('document.activeElement.textContent.trim().split("\\n")[0]')
    const order: Array<string> = []
    for (let i = 0; i < 4; i++) {
      await page.keyboard.press("Tab")
      order.push(await focused())
    }
    expect(order).toEqual(["Skip to main content", "Ada Lovelace", "Grace Hopper", "Alan Turing"])
    expect(await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")).toBe("solid")
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Enter")
    await page.waitForURL(`${behind.alb.url}/`)
    expect(await titleOf(page)).toBe("Hello Grace Hopper")
    await page.close()
  })

  it("switches the user on the control page, and changes the user's groups", async () => {
    await using behind = await stage()
    const page = await browser.newPage()
    await page.goto(behind.alb.url)
    await pick(page, "Ada Lovelace")
    await page.waitForURL(`${behind.alb.url}/`)
    await page.goto(behind.alb.controlUrl)
    await page.getByRole("button", { name: "Switch to grace@example.com" }).click()
    expect(await textOf(page.getByRole("status"))).toContain("signed in as another user")
    await page.getByRole("link", { name: "Open the app" }).click()
    expect(await textOf(page.locator("#who"))).toBe("grace@example.com: staff")
    await page.getByRole("link", { name: "Administration" }).click()
    await page.waitForURL(`${behind.alb.url}/no-access`)

    await page.goto(behind.alb.controlUrl)
    expect(await textOf(page.getByRole("row", { name: "/admin" }).first())).toMatch(/302appto http.*\/no-access$/)
    await page.getByRole("textbox", { name: "Groups of grace@example.com" }).fill("staff, admins")
    await page.getByRole("button", { name: "Save the groups of grace@example.com" }).click()
    await page.goto(`${behind.alb.url}/admin`)
    expect(await titleOf(page)).toBe("Administration by Grace Hopper")
    await page.close()
  })

  it("a session that expires in the middle of a visit leads to the sign-in page, and back to where the visit was", async () => {
    await using behind = await stage()
    const page = await browser.newPage()
    await page.goto(behind.alb.url)
    await pick(page, "Ada Lovelace")
    await page.waitForURL(`${behind.alb.url}/`)
    behind.alb.expireSession()
    // A script's request is redirected to another origin, too, and fails there.
    expect(
      await page.evaluate(() =>
        fetch("/session").then(
          () => "answered",
          () => "failed"
        )
      )
    ).toBe("failed")
    await page.getByRole("link", { name: "Administration" }).click()
    await page.waitForURL(`${behind.alb.cognitoDomain}/login?**`)
    await pick(page, "Ada Lovelace")
    await page.waitForURL(`${behind.alb.url}/admin`)
    expect(await titleOf(page)).toBe("Administration by Ada Lovelace")
    await page.close()
  })

  it("signs out, and comes back unauthenticated", async () => {
    await using behind = await stage()
    const context = await browser.newContext()
    const page = await context.newPage()
    await page.goto(behind.alb.url)
    await page.getByLabel("E-mail address").fill("many@example.com")
    await page.getByLabel("Groups").fill(`staff, ${Array.from({ length: 80 }, (_, i) => `team-of-many-people-${i}`).join(", ")}`)
    await page.getByRole("button", { name: "Sign in", exact: true }).click()
    await page.waitForURL(`${behind.alb.url}/`)
    const names = async () => (await context.cookies()).map(({ name }) => name).sort()
    expect(await names()).toEqual(["AWSALBAuthNonce", "AWSELBAuthSessionCookie-0", "AWSELBAuthSessionCookie-1", "local-cognito"])
    await page.getByRole("link", { name: "Sign out" }).click()
    await page.waitForURL(`${behind.alb.url}/signed-out`)
    expect(await names()).toEqual(["AWSALBAuthNonce"])
    await page.getByRole("link", { name: "Sign in again" }).click()
    await page.waitForURL(`${behind.alb.cognitoDomain}/login?**`)
    await page.close()
    await context.close()
  })

  it("a WebSocket and an event stream live until the access token expires, and no longer", async () => {
    const lifetimeMillis = 8_000
    await using behind = await stage({ accessLifetime: `${lifetimeMillis} millis`, refresh: false })
    const page = await browser.newPage()
    await page.goto(`${behind.alb.url}/live`)
    await pick(page, "Grace Hopper")
    await page.waitForURL(`${behind.alb.url}/live`)
    const [session] = behind.alb.sessions()
    const heard = async () => ({ events: await textOf(page.locator("#events")), socket: await textOf(page.locator("#socket")) })
    await expect
      .poll(heard, { timeout: 5_000 })
      .toEqual({ events: expect.stringContaining("tick"), socket: expect.stringContaining("grace@example.com") })
    // The session's end at the load balancer cuts nothing that is open: only the token's does.
    behind.alb.expireSession()
    const before = await heard()
    await expect.poll(async () => (await heard()).socket.length, { timeout: 5_000 }).toBeGreaterThan(before.socket.length)
    expect((await heard()).events).not.toContain("lost")
    await expect
      .poll(heard, { timeout: 15_000 })
      .toEqual({ events: expect.stringMatching(/tick lost $|tick lost$/), socket: expect.stringMatching(/closed:4401/) })
    expect(Date.now()).toBeGreaterThanOrEqual((session?.accessExpiresAt ?? 0) - 1_100)
    await page.close()
  })
})
