/**
 * The app of the contract suite, in its few variants.
 *
 * @module
 */
import { type AdapterOptions, type OnFailure, Policy, type Refused, type RouteOptions, sessionExpiredCloseCode } from "@cognito-auth/core"
import type { AskPrincipal, AskUser, ContractApp, ContractPage, ContractUpgrades } from "./ContractApp.ts"
import { acceptWebSocket } from "./http/webSocket.ts"

/** How a variant differs. */
export interface Variant {
  readonly options?: AdapterOptions | undefined
  readonly onFailure?: OnFailure | undefined
  readonly crossOrigin?: RouteOptions["crossOrigin"]
  readonly upgrades?: Pick<RouteOptions, "require" | "closeOnExpiry"> | undefined
  readonly services?: ReadonlyArray<string> | undefined
}

/** A string that only an admitted user may read. */
export const secret = "for admitted users alone"

/** The `redirectUrl` of a variant; by default there is none. */
export const redirectUrl = "https://elsewhere.example/401.html"
export const cognitoDomain = "https://contract.auth.eu-west-2.amazoncognito.com"
export const logoutUri = "https://app.example/signed-out?from=contract&lang=cy"
export const sharedCookie = { cookieName: "__Host-Session.v2", cookieShards: 2 } as const

/** The user's e-mail as the app sees it: `nobody` without a user. */
const nameOf = (ask: AskUser): string => {
  try {
    return ask()?.email || "nobody"
  } catch {
    return "nobody"
  }
}

const text = (body: (user: AskUser) => string): ContractPage => ({ type: "text/plain; charset=utf-8", body })

const me: ContractPage = {
  type: "application/json; charset=utf-8",
  body: (ask) => {
    const user = ask()
    return JSON.stringify({ sub: user?.sub, email: user?.email, name: user?.name, groups: user?.groups, isAdmin: user?.isAdmin })
  }
}

/** Who asks, as the app sees it: a service, a user's e-mail, or `nobody`. */
const whoAsks = (user: AskUser, principal: AskPrincipal | undefined): string => {
  try {
    const asked = principal?.()
    if (asked?._tag === "Service") return `${secret}: the service ${asked.clientId} (${asked.scopes.join(" ")}), for ${nameOf(user)}`
  } catch {
    // Nobody asks: the page says so.
  }
  return `${secret}: ${nameOf(user)}`
}

const who: ContractPage = { type: "text/plain; charset=utf-8", body: whoAsks }

const greeting = text((ask) => `${secret}: ${nameOf(ask)}`)

const routes: ContractApp["routes"] = [
  // Twice, because routers differ on whether a slash at the end is another path.
  { path: "/health", require: undefined, ...text(() => "ok") },
  { path: "/health/", require: undefined, ...text(() => "ok") },
  { path: "/public", require: undefined, ...text((ask) => `Hello ${nameOf(ask)}`) },
  { path: "/", require: undefined, ...text((ask) => `Hello ${nameOf(ask)}`) },
  { path: "/me", require: undefined, ...me },
  { path: "/admin", require: { groups: ["admins"] }, ...greeting },
  { path: "/either", require: { groups: ["admins"], users: ["grace@example.com"] }, ...greeting },
  { path: "/users-only", require: { users: "grace@example.com" }, ...greeting },
  { path: "/admins-only", require: { admin: true }, ...greeting },
  { path: "/alone", require: { groups: ["admins"] }, ...greeting },
  { path: "/api/orders", require: undefined, ...who },
  { path: "/api/write", require: { groups: ["admins"], scopes: ["orders/write", "orders/list"] }, ...who },
  { path: "/api/admin", require: { groups: ["admins"] }, ...who }
]

const bypass = ["/health", "/public", "/alone", "/session", "/ready", "/sign-out", "/sign-out-shared", "/ws-open"]

const upgradePaths: ContractUpgrades["paths"] = [
  { path: "/ws", sendsClose: true },
  { path: "/ws-silent", sendsClose: false },
  { path: "/ws-open", sendsClose: true }
]

const reply: ContractUpgrades["reply"] = (said, ask) => `${nameOf(ask)} said ${said}`

const handleUpgrade: ContractUpgrades["handle"] = (req, socket, head, user, expiry) => {
  const path = req.url?.split("?")[0]
  const found = upgradePaths.find((each) => each.path === path)
  const key = req.headers["sec-websocket-key"]
  if (found === undefined || key === undefined) {
    // The socket is not read any more, so it would not detect that its client has disconnected.
    return void socket.end("HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n", () => socket.destroy())
  }
  const closing = found.sendsClose ? { signal: expiry, code: sessionExpiredCloseCode } : undefined
  acceptWebSocket(key, socket, head, (said) => reply(said, () => user), closing)
}

/** The app for settings that trust a forge. `onRefused` is called with every refusal. */
export const describeApp = (settings: AdapterOptions, variant: Variant, onRefused: (event: Refused) => void): ContractApp => ({
  options: {
    ...settings,
    platformAdminGroups: ["platform-admins"],
    policy: Policy.fromLists({ adminUsers: ["root@example.com"] }),
    logger: false,
    observe: (event) => {
      if (event._tag === "Refused") onRefused(event)
    },
    ...variant.options
  },
  guard: {
    bypass,
    crossOrigin: variant.crossOrigin,
    onFailure: variant.onFailure,
    ...(variant.services === undefined ? {} : { services: variant.services })
  },
  routes,
  fallback: greeting,
  session: "/session",
  healthCheck: "/ready",
  signOuts: [
    { path: "/sign-out", options: { cognitoDomain, logoutUri } },
    { path: "/sign-out-shared", options: { cognitoDomain, logoutUri, clientId: "shared-client", ...sharedCookie } }
  ],
  streams: [
    { path: "/events", type: "text/event-stream", first: "data: hello\n\n", options: { closeOnExpiry: true } },
    { path: "/download", type: "application/octet-stream", first: "the first bytes", options: {} }
  ],
  upgrades: { options: variant.upgrades ?? {}, paths: upgradePaths, reply, handle: handleUpgrade }
})
