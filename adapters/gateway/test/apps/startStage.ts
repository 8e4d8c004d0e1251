/** A Python app behind the gateway, behind the local ALB; and a browser. */
import { gateway } from "@cognito-auth/gateway"
import { makeForge } from "@cognito-auth/testing"
import { type LocalAlb, type LocalAlbOptions, localAlb } from "@cognito-auth/testing/local-alb"
import { type Browser, chromium, type Page } from "playwright-core"
import { WebSocket } from "ws"
import { freePort } from "../../../../testing/test/freePort.ts"
import { recordRequests } from "./recordRequests.ts"
import { type PythonApp, startPython } from "./startPython.ts"

export const forge = await makeForge()

/** How an example is run, as its first line says. */
export interface Example {
  readonly args: (port: string) => ReadonlyArray<string>
  /** A path that answers 200 without a user, for who asks the app itself. */
  readonly health: string
}

export interface Stage {
  readonly alb: LocalAlb
  /** Where requests go that have the load balancer's headers already. */
  readonly url: string
  /** Every request that has reached the app. */
  readonly requests: () => ReadonlyArray<string>
  readonly close: () => Promise<void>
}

/** The app is started once, the rest for each stage. */
export const startStage = async (app: PythonApp, options: Partial<LocalAlbOptions> = {}): Promise<Stage> => {
  const recorder = await recordRequests(app.url)
  const port = await freePort()
  const alb = await localAlb({ forge, target: `http://127.0.0.1:${port}`, ...options })
  const it = await gateway({
    ...alb.settings().options,
    upstream: recorder.url,
    port,
    host: "127.0.0.1",
    bypass: ["/health"],
    pathRules: ["/admin=group:admins"],
    clockTolerance: "1 millis",
    shutdownTimeout: "1 millis",
    logger: false
  })
  return {
    alb,
    url: `http://127.0.0.1:${port}`,
    requests: recorder.requests,
    close: async () => {
      await alb.close()
      await it.close()
      await recorder.close()
    }
  }
}

export const startExample = ({ args, health }: Example): Promise<PythonApp> => startPython(args, health)

export const startBrowser = (): Promise<Browser> => {
  const executablePath = process.env["CHROMIUM"]
  if (executablePath === undefined) throw new Error("CHROMIUM does not say where the browser is: run npm run test:apps.")
  return chromium.launch({ executablePath, args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] })
}

/** Goes to a page, and signs in on the way. `watch` sees the page before it loads anything. */
export const signIn = async (browser: Browser, url: string, user: string, watch = (_page: Page): void => undefined): Promise<Page> => {
  const context = await browser.newContext()
  const page = await context.newPage()
  watch(page)
  await page.goto(url)
  await page.getByRole("button", { name: user }).click()
  return page
}

/** The status that a WebSocket's opening is answered with. */
export const upgradeStatus = (url: string, headers: Readonly<Record<string, string>> = {}): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(url.replace(/^http/, "ws"), { headers })
    socket.once("unexpected-response", (request, response) => {
      request.destroy()
      resolve(response.statusCode)
    })
    socket.once("open", () => {
      socket.terminate()
      resolve(101)
    })
    socket.once("error", reject)
  })
