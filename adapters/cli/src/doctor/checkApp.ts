/**
 * Checks the app's own port, without the load balancer. The app must refuse a request without a sign-in, with a forged one, and with
 * one of another load balancer (ALBeast; Miggo, 2024).
 */
import { Provider, type Settings } from "@cognito-auth/core"
// biome-ignore lint/style/noRestrictedImports: it sends forged tokens, which testing creates.
import { type Forge, type ForgeOptions, makeForge } from "@cognito-auth/testing"
import { UsageError } from "../ExitCode.ts"
import { checkServer } from "./checkServer.ts"
import type { Finding } from "./Finding.ts"
import { type Answered, isAnswered, probe } from "./probe.ts"

const limits = { timeoutMillis: 10_000, maxBytes: 65_536 }

export const checkApp = async (
  app: string,
  settings: Settings | undefined,
  idleSeconds: number | undefined
): Promise<ReadonlyArray<Finding>> => {
  if (!URL.canParse(app) || !/^https?:$/.test(new URL(app).protocol)) {
    throw new UsageError("--app: expected the URL of a page, such as http://localhost:3000/.")
  }
  const deployment = deploymentOf(settings)
  theForge ??= makeForge()
  const forge = (await theForge).with(deployment)
  const otherAlb = forge.with({
    albArn: forge.albArn.replace(/:\d{12}:/, (account) => (account === anyAccount ? ":999999999999:" : anyAccount))
  })
  // If the app has platform admin groups, an attacker would forge a member of one.
  const user = { email: "cognito-auth-doctor@example.com", groups: [...(settings?.platformAdminGroups ?? [])] }
  const forged = await forge.headers(user)
  const requests = [
    { check: "app.no-sign-in", what: "without a sign-in", headers: {} },
    { check: "app.forged", what: "with a forged sign-in", headers: forged },
    { check: "app.another-alb", what: "with a sign-in of another load balancer", headers: await otherAlb.headers(user) }
  ]
  const signIns = Promise.all(
    requests.map(async ({ check, what, headers }): Promise<Finding> => {
      const answer = await probe(app, { ...limits, headers: { ...headers, accept: "application/json" } })
      if (isAnswered(answer)) return { check, about: app, ...assess(answer, what, app, settings) }
      return {
        check,
        status: "failed",
        about: app,
        found: `does not respond (${answer.reason})`,
        remedy: "Start the app, and give the address that it listens on."
      }
    })
  )
  return (await Promise.all([signIns, checkServer(app, forged, idleSeconds)])).flat()
}

/** Its keys are made once for a process: that takes longer than the checks. */
let theForge: Promise<Forge> | undefined

const anyAccount = ":111111111111:"

/** The values that the app expects, so that the forged token is refused for its signature and not for its claims. */
const deploymentOf = (settings: Settings | undefined): ForgeOptions => {
  const [albArn] = settings?.signers.keys() ?? []
  const [issuer] = settings?.issuers.keys() ?? []
  const [clientId] = settings?.clientIds ?? []
  const provider = settings?.provider._tag === "oidc" ? Provider.oidc({ issuer, ...settings.provider }) : undefined
  return { ...(albArn && { albArn }), ...(issuer && { issuer }), ...(clientId && { clientId }), ...(provider && { provider }) }
}

const assess = (answer: Answered, what: string, app: string, settings: Settings | undefined): Omit<Finding, "check" | "about"> => {
  const { status, headers } = answer
  if (status === 401) return { status: "ok", found: `refuses a request ${what}${errorOf(answer)}` }
  if (status >= 300 && status < 400) {
    const target = headers.location
    const isWithin = target !== undefined && target !== settings?.redirectUrl && originOf(target, app) === new URL(app).origin
    return isWithin
      ? unclear(`redirects a request ${what} to another page of the app`, "Give --app the target of the redirect.")
      : { status: "ok", found: `redirects a request ${what} elsewhere` }
  }
  if (status >= 200 && status < 300) {
    if (headers["x-cognito-auth-dev-mode"] !== undefined) {
      return { status: "failed", found: `admits a request ${what}: dev mode's mock user`, remedy: "Unset COGNITO_AUTH_DEV_MODE." }
    }
    return {
      status: "failed",
      found: `admits a request ${what} (status ${status})`,
      remedy:
        "Anyone who can reach this port is admitted. Call protect() before the routes of the page, and let the app's security group admit only the load balancer. If the page is in bypass, give --app another one."
    }
  }
  if (status === 503) {
    return unclear(
      `responds 503 to a request ${what}${errorOf(answer)}`,
      "The request is not admitted. Check that the app can reach its keys, and try again."
    )
  }
  return unclear(
    `responds ${status} to a request ${what}`,
    "That does not show whether it would be admitted: give --app a page that needs a sign-in."
  )
}

const unclear = (found: string, remedy: string) => ({ status: "warning" as const, found, remedy })

const originOf = (location: string, app: string): string | undefined =>
  URL.canParse(location, app) ? new URL(location, app).origin : undefined

/** The error's name in the body of a refusal. */
const errorOf = ({ headers, body }: Answered): string => {
  if (headers["content-type"] !== "application/problem+json") return ""
  try {
    const { error } = JSON.parse(body) as { readonly error?: unknown }
    return typeof error === "string" && /^[A-Za-z]{1,40}$/.test(error) ? ` (${error})` : ""
  } catch {
    return ""
  }
}
