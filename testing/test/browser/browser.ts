import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs"
import { rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { makeForge } from "@cognito-auth/testing"
import { type LocalAlbOptions, localAlb } from "@cognito-auth/testing/local-alb"
import { type Browser, type BrowserContext, chromium } from "playwright-core"
import { freePort } from "../freePort.ts"
import { startApp } from "./app.ts"

const launchOptions = () => {
  const executablePath = process.env["TEST_BROWSER"]
  if (executablePath === undefined) throw new Error("TEST_BROWSER does not say where the browser is: use npm run test:browser.")
  return {
    executablePath,
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage", "--hide-scrollbars"]
  }
}

export const launch = (): Promise<Browser> => chromium.launch(launchOptions())

/**
 * A browser with a profile that sends third-party cookies, as Chrome does by default: Debian's Chromium does not, nor does any in the
 * contexts of one browser, which are incognito.
 */
export const launchProfile = async (): Promise<{ readonly context: BrowserContext; readonly close: () => Promise<void> }> => {
  const folder = mkdtempSync(join(tmpdir(), "cognito-auth-browser-"))
  mkdirSync(join(folder, "Default"))
  const preferences = { profile: { cookie_controls_mode: 0, block_third_party_cookies: false } }
  writeFileSync(join(folder, "Default", "Preferences"), JSON.stringify(preferences))
  const context = await chromium.launchPersistentContext(folder, launchOptions())
  return {
    context,
    close: async () => {
      await context.close()
      // Its processes may still write for a moment.
      await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
    }
  }
}

const forge = await makeForge()

/** Starts both; groups `staff` and `admins` are admitted. */
export const stage = async (options: Partial<LocalAlbOptions> = {}) => {
  const port = await freePort()
  const rules = ["/sign-out", "/signed-out", "/no-access"].map((path) => ({ path, action: "forward" as const }))
  const alb = await localAlb({ forge, target: `http://localhost:${port}`, rules, ...options })
  const app = await startApp({
    ...alb.settings({ allowedGroups: ["staff", "admins"] }).env,
    COGNITO_AUTH_REDIRECT_URL: `${alb.url}/no-access`,
    SIGNED_OUT_URL: `${alb.url}/signed-out`
  })
  await app.listen(port)
  return {
    alb,
    [Symbol.asyncDispose]: async () => {
      await alb.close()
      await app.close()
    }
  }
}
