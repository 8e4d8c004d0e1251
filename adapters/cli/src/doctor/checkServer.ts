/**
 * Checks that the app's server accepts all the headers that the load balancer passes, and keeps idle connections longer than the load
 * balancer. With Node's defaults it does neither (see core's `serverOptions`).
 */

import { count } from "@cognito-auth/core/count"
import { albLimits } from "@cognito-auth/core/ServerOptions"
import type { Finding } from "./Finding.ts"
import { type Answered, idleMillisOf, isAnswered, probe } from "./probe.ts"

/** Below the load balancer's limit, because it adds its own headers. */
const headerBytes = 61_440

const limits = { timeoutMillis: 10_000, maxBytes: 65_536 }

/** `headers` contain a forged sign-in. `idleSeconds`: hold an idle connection for this time, instead of reading the `keep-alive` header. */
export const checkServer = async (
  app: string,
  headers: Readonly<Record<string, string>>,
  idleSeconds: number | undefined
): Promise<ReadonlyArray<Finding>> => {
  const sent = { ...headers, accept: "application/json", connection: "keep-alive" }
  const usual = await probe(app, { ...limits, headers: sent })
  // If it does not respond, the sign-in checks have reported it.
  if (!isAnswered(usual)) return []
  return Promise.all([checkHeaders(app, sent, usual), checkIdle(app, sent, usual, idleSeconds)])
}

const checkHeaders = async (app: string, headers: Readonly<Record<string, string>>, usual: Answered): Promise<Finding> => {
  const check = "app.header-limit"
  const kibibytes = `${headerBytes / 1024} KiB`
  const answer = await probe(app, { ...limits, headers: { ...headers, ...padding(headers) } })
  const isRefused = isAnswered(answer) ? answer.status !== usual.status && answer.status >= 400 && answer.status < 500 : true
  if (!isRefused) return { check, status: "ok", about: app, found: `accepts a sign-in with ${kibibytes} of headers` }
  return {
    check,
    status: "failed",
    about: app,
    found: `${isAnswered(answer) ? `responds ${answer.status} to` : `closes the connection (${answer.reason}) of`} a sign-in with ${kibibytes} of headers`,
    remedy:
      "The load balancer passes 64 KiB. Create the server with serverOptions of your adapter: createServer(serverOptions, app), or Fastify({ ...serverOptions })."
  }
}

/** Header lines of at most 16 KiB, the load balancer's limit for a line, up to the total size. */
const padding = (headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> => {
  const lines: Record<string, string> = {}
  const overhead = "x-cognito-auth-doctor-0: \r\n".length
  let left = headerBytes - Object.entries(headers).reduce((sum, [name, value]) => sum + name.length + value.length + 4, 0)
  for (let i = 0; left > overhead; i++) {
    const length = Math.min(left, albLimits.headerLineBytes) - overhead
    lines[`x-cognito-auth-doctor-${i}`] = "x".repeat(length)
    left -= length + overhead
  }
  return lines
}

const checkIdle = async (
  app: string,
  headers: Readonly<Record<string, string>>,
  usual: Answered,
  idleSeconds: number | undefined
): Promise<Finding> => {
  const finding = { check: "app.keep-alive", about: app }
  const { connection, "keep-alive": keepAlive } = usual.headers
  // A client sends nothing more on a connection whose close has been announced.
  if (connection === "close") return { ...finding, status: "ok", found: "announces that it closes each connection after its response" }
  const wanted = idleSeconds ?? albLimits.idleMillis / 1000
  const said = /(?:^|[\s,])timeout=(\d{1,9})/.exec(String(keepAlive))?.[1]
  const promised = said === undefined ? undefined : Number(said)
  const seconds = idleSeconds === undefined ? promised : await measured(app, headers, idleSeconds)
  if (seconds === undefined) {
    const remedy = "Add --idle 60 to test it: an idle connection is held for as long as the load balancer holds it."
    return { ...finding, status: "skipped", found: "does not say how long it keeps idle connections", remedy }
  }
  if (seconds > wanted) return { ...finding, status: "ok", found: `keeps idle connections for more than ${count(wanted, "second")}` }
  return {
    ...finding,
    status: "warning",
    found: `closes idle connections after ${count(seconds, "second")}; the load balancer keeps them for ${wanted}`,
    remedy: `Occasionally a request is sent on a closing connection, and becomes a 502. Create the server with serverOptions of your adapter, or set its keepAliveTimeout above ${wanted} seconds.`
  }
}

const measured = async (app: string, headers: Readonly<Record<string, string>>, idleSeconds: number): Promise<number> =>
  Math.floor((await idleMillisOf(app, headers, idleSeconds * 1000)) / 1000)
