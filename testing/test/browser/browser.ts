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

/** A browser with a new profile, as a user has it: contexts of one browser are incognito, where Chromium blocks third-party cookies. */
export const launchProfile = (): Promise<BrowserContext> => chromium.launchPersistentContext("", launchOptions())

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
