/** The walk-through of `npm start`: real requests, with the expected and the received response of each. */
import { once } from "node:events"
import { get, type IncomingMessage } from "node:http"
import type { LocalAlb } from "@cognito-auth/testing/local-alb"

type Headers = Readonly<Record<string, string>>

/** One request, and what must come of it. */
interface Row {
  readonly sent: string
  /** Through the load balancer, as a browser would; or past it, straight to the app, as an attacker would. */
  readonly way: "through" | "past"
  readonly path: string
  readonly headers: Headers
  readonly expected: string
  /** What is done to the load balancer or its keys before. */
  readonly before?: () => unknown
}

/** A row, and its received response. */
export interface Outcome extends Row {
  readonly received: string
}

/** Walks through every case, in order: the later ones take the key host down. */
export const walkThrough = async (alb: LocalAlb, appUrl: string): Promise<ReadonlyArray<Outcome>> => {
  const outcomes: Array<Outcome> = []
  for (const makeRow of rows) {
    const row = await makeRow(alb)
    await row.before?.()
    outcomes.push({ ...row, received: await ask(`${row.way === "through" ? alb.url : appUrl}${row.path}`, row.headers) })
  }
  return outcomes
}

/** The status, the error of a refusal and whether it is a page, where a redirect leads, and if an outage does not say when to ask again. */
const ask = async (url: string, headers: Headers): Promise<string> => {
  const request = get(url, { headers, agent: false })
  const [response] = (await Promise.race([once(request, "response"), once(request, "upgrade")])) as [IncomingMessage]
  if (response.statusCode === 101) {
    response.socket.destroy()
    return "101"
  }
  let body = ""
  for await (const chunk of response) body += chunk
  const { location, "retry-after": retryAfter, "content-type": type } = response.headers
  const target =
    location === undefined ? "" : ` to ${location.includes("/oauth2/authorize") || location.includes("/login") ? "sign-in" : location}`
  const isEndless = response.statusCode === 503 && retryAfter === undefined
  return `${response.statusCode}${errorIn(type, body)}${target}${isEndless ? ", no Retry-After" : ""}`
}

const errorIn = (type: string | undefined, body: string): string => {
  if (type === "application/problem+json") return ` ${(JSON.parse(body) as { error: string }).error}`
  // A page of a refusal ends with what to quote.
  const [, error] = /quote this:\D*\d{3} (\w+)/.exec(body) ?? []
  return error === undefined ? "" : ` ${error}, as a page`
}

export const ada = { email: "ada@example.com", name: "Ada Lovelace", groups: ["staff", "admins"] }
export const grace = { email: "grace@example.com", name: "Grace Hopper", groups: ["staff"] }

const page = { accept: "text/html", "sec-fetch-mode": "navigate" }
const socket = {
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ=="
}
const cookieOf = async (alb: LocalAlb, user: typeof ada) => ({ cookie: await alb.signIn(user) })

const through =
  (sent: string, path: string, headers: (alb: LocalAlb) => Promise<Headers> | Headers, expected: string) =>
  async (alb: LocalAlb): Promise<Row> => ({
    sent,
    way: "through",
    path,
    headers: await headers(alb),
    expected
  })
const past =
  (sent: string, path: string, headers: (alb: LocalAlb) => Promise<Headers> | Headers, expected: string) =>
  async (alb: LocalAlb): Promise<Row> => ({
    sent,
    way: "past",
    path,
    headers: await headers(alb),
    expected
  })

/** Puts "admins" for "staff" into a signed token, as an attacker would. */
const swapGroup = (token: string): string => {
  const [header, payload = "", signature] = token.split(".")
  const claims = Buffer.from(payload, "base64url").toString().replace('"staff"', '"admins"')
  return [header, Buffer.from(claims).toString("base64url"), signature].join(".")
}

const otherAccount = (albArn: string) => ({ albArn: albArn.replace(/:\d{12}:/, ":999999999999:") })
const yesterday = { now: () => Date.now() - 86_400_000 }

/** Headers that were signed before the keys changed, and after. */
const saved = new Map<string, Headers>()
const saveAs = async (name: string, headers: Promise<Headers>): Promise<Headers> => {
  saved.set(name, await headers)
  return headers
}

const rows: ReadonlyArray<(alb: LocalAlb) => Promise<Row>> = [
  through("nobody, as a page load", "/me", () => page, "302 to sign-in"),
  through("Ada, of the group admins", "/me", (alb) => cookieOf(alb, ada), "200"),
  through("Ada, to the admins' page", "/admin", (alb) => cookieOf(alb, ada), "200"),
  through("Grace, not of the group admins", "/admin", (alb) => cookieOf(alb, grace), "403 NotAuthorised"),
  through(
    "Grace there, as a page load",
    "/admin",
    async (alb) => ({ ...page, ...(await cookieOf(alb, grace)) }),
    "403 NotAuthorised, as a page"
  ),
  through("a WebSocket of Ada", "/ws", async (alb) => ({ ...socket, ...(await cookieOf(alb, ada)) }), "101"),
  async (alb) => ({
    ...(await through("Ada, her token expired", "/me", () => cookieOf(alb, ada), "401 TokenExpired")(alb)),
    before: () => alb.expireTokens()
  }),
  past("no headers", "/me", () => ({}), "401 HeaderMissing"),
  past("no headers, as a page load", "/me", () => page, "401 HeaderMissing, as a page"),
  past("no headers, to a bypassed path", "/health", () => ({}), "200"),
  past("no headers, to an encoded path", "/%68ealth", () => ({}), "401 HeaderMissing"),
  past("a WebSocket without headers", "/ws", () => socket, "401 HeaderMissing"),
  past("yesterday's tokens", "/me", ({ forge }) => forge.with(yesterday).headers(ada), "401 TokenExpired"),
  past("forged by another ALB", "/me", ({ forge }) => forge.with(otherAccount(forge.albArn)).headers(ada), "401 SignerRefused"),
  past("of the wrong pool", "/me", ({ forge }) => forge.with({ userPoolId: "eu-west-2_Another1" }).headers(ada), "401 IssuerRefused"),
  past(
    "tampered: a group changed",
    "/me",
    ({ forge }) => forge.headers({ ...grace, access: { afterSigning: swapGroup } }),
    "401 SignatureInvalid"
  ),
  past("genuine tokens", "/me", ({ forge }) => saveAs("genuine", forge.headers(ada)), "200"),
  async (alb) => ({
    ...(await past("key host down, known keys", "/me", () => saved.get("genuine") ?? {}, "200")(alb)),
    before: () => alb.keyHostDown()
  }),
  async (alb) => {
    await alb.rotateKeys()
    return past("key host down, new keys", "/me", ({ forge }) => saveAs("rotated", forge.headers(ada)), "503 KeySourceUnavailable")(alb)
  },
  async (alb) => ({
    ...(await past("key host back, new keys", "/me", () => saved.get("rotated") ?? {}, "200")(alb)),
    before: () => alb.keyHostUp()
  })
]
