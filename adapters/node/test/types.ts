/** What must compile, and what must not: checked by `tsc`, never run. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { createServer as createHttpsServer } from "node:https"
import type { Duplex } from "node:stream"
import { type AdapterOptions, cognitoAuth, type NodeAuth, Policy, type Principal, type Service, type User } from "@cognito-auth/node"

const auth: NodeAuth = cognitoAuth({
  userPoolId: ["eu-west-2_AbC123xyz", "eu-west-2_AbC456xyz"],
  clientId: "client",
  albArn: "arn:aws:elasticloadbalancing:eu-west-2:123456789012:loadbalancer/app/my-alb/50dc6c495c0c9188",
  policy: Policy.fromLists({ allowedGroups: ["staff"] }),
  clockTolerance: "5 seconds",
  keys: { maxAge: "1 hour", preload: false },
  logger: console,
  observe: (event) => {
    switch (event._tag) {
      case "Admitted":
        return `${event.sub} ${event.clientId} ${event.cached}`
      case "Bypassed":
        return event.route
      case "Refused":
        return `${event.error} ${event.check} ${event.header} ${event.status}`
      case "KeysFetched":
      case "KeyFetchFailed":
        return event.durationMillis
      case "PolicyLoaded":
        return event.change
      case "PolicyLoadFailed":
        return event.isKept
      case "AuditDropped":
        return event.lines
      case "ConnectionClosed":
      case "Warned":
        return event.atMillis
      default:
        return event satisfies never
    }
  }
})

// A guarded handler is what createServer takes, and may take fewer arguments, return anything, or be async.
createServer(auth.protect((_req, res, user) => res.end(user.email), { bypass: new Set(["/health"]), onFailure: "status" }))
createServer(auth.protect(async (_req, res) => void res.end()))
createServer(auth.protect(() => undefined))
createServer(auth.require({ groups: ["admins"] })((_req, res, user: User) => res.end(user.sub)))
createServer(auth.session())
const guarded: (req: IncomingMessage, res: ServerResponse) => void = auth.require({ admin: true })(() => undefined)
createServer(guarded)

const off: () => void = auth.protectUpgrades(
  createServer(),
  (_req, socket: Duplex, head: Buffer, user: User, expiry: AbortSignal) => [socket, head, user, expiry],
  { bypass: ["/public"], require: { users: "ada@example.com" }, closeOnExpiry: false }
)
off()
auth.protectUpgrades(createHttpsServer(), () => undefined)

export const readsTheUser = (req: IncomingMessage): [string, boolean, ReadonlyArray<string>, Date] => {
  const user = auth.getAuthUser(req)
  return [user.email, user.isIn("admins"), user.groups, user.expiresAt]
}

// --- What must not compile ---------------------------------------------------------------------------------------

// @ts-expect-error A handler is what is protected.
auth.protect()
// @ts-expect-error Options are no handler: node:http has no middleware.
auth.protect({ bypass: ["/health"] })
// @ts-expect-error There is no such answer.
auth.protect(() => undefined, { onFailure: "ignore" })
// @ts-expect-error A requirement is what require() is for.
auth.protect(() => undefined, { require: { groups: ["admins"] } })
// @ts-expect-error A name that is misspelt requires nothing.
auth.require({ group: ["admins"] })
// @ts-expect-error It can only be asked for, not waived.
auth.require({ admin: "no" })
// @ts-expect-error Curried: the handler comes second.
auth.require({ groups: ["admins"] }, () => undefined)
// @ts-expect-error Not curried halfway: the requirement alone handles nothing.
createServer(auth.require({ groups: ["admins"] }))
// @ts-expect-error An upgrade is never redirected.
auth.protectUpgrades(createServer(), () => undefined, { onFailure: "redirect" })
// @ts-expect-error Upgrades belong to a server.
auth.protectUpgrades(() => undefined)
// @ts-expect-error A duration has a unit.
cognitoAuth({ clockTolerance: 5 })
// @ts-expect-error One that Effect knows.
cognitoAuth({ keys: { timeout: "3 fortnights" } })
// @ts-expect-error A policy is compiled; bare lists are none.
cognitoAuth({ policy: { allowedGroups: ["staff"] } })
// @ts-expect-error A list is of strings.
cognitoAuth({ clientId: [7] })
// @ts-expect-error A misspelt option is none.
cognitoAuth({ albArns: ["arn"] })

export const cannotChangeTheUser = (user: User): void => {
  // @ts-expect-error A user is immutable.
  user.email = "root@example.com"
  // @ts-expect-error And so are the groups.
  user.groups.push("admins")
  // @ts-expect-error And the claims.
  user.oidcClaims["sub"] = "another user"
  // @ts-expect-error A claim is unknown until it is checked.
  const name: string = user.oidcClaims["custom:name"]
  void name
}

export const cannotReplaceTheGuard = (): void => {
  // @ts-expect-error What cognitoAuth returns is read-only.
  auth.protect = () => () => undefined
}

export const cannotHandOverSecrets = (options: AdapterOptions): void => {
  cognitoAuth({
    ...options,
    observe: (event) => {
      // @ts-expect-error An event carries no token.
      void event.token
    }
  })
}

// --- Services ----------------------------------------------------------------------------------------------------

// With services, a handler gets either; without them, a user.
auth.protect(
  (_req, res, principal) => {
    if (principal._tag === "Service") return res.end(`${principal.clientId} ${principal.scopes.join(" ")}`)
    return res.end(principal.email)
  },
  { services: ["/api"] }
)
auth.require({ scopes: ["orders/read"] })((_req, _res, principal: Principal) => principal.expiresAt)
auth.protectUpgrades(createServer(), (_req, _socket, _head, principal) => principal._tag === "Service" && principal.clientId, {
  services: ["/api"]
})
export const readsEither = (req: IncomingMessage): User | Service => auth.getPrincipal(req)

// @ts-expect-error A handler of users alone would get a service.
auth.protect((_req, res, user: User) => res.end(user.email), { services: ["/api"] })
// @ts-expect-error A service has no e-mail.
auth.protect((_req, res, principal) => res.end(principal.email), { services: ["/api"] })
// @ts-expect-error Scopes are what services have: the handler would get one.
auth.require({ scopes: "orders/read" })((_req, res, user: User) => res.end(user.email))
// @ts-expect-error A handler of upgrades of users alone would get a service.
auth.protectUpgrades(createServer(), (_req, _socket, _head, user: User) => user.email, { services: ["/api"] })
// @ts-expect-error getAuthUser never returns a service.
export const neverAService = (req: IncomingMessage): Service => auth.getAuthUser(req)
// @ts-expect-error getPrincipal may return one.
export const maybeNoUser = (req: IncomingMessage): User => auth.getPrincipal(req)
// @ts-expect-error A service has no groups.
export const groupsOfAService = (service: Service) => service.groups
// @ts-expect-error It is a list of paths.
auth.protect(() => undefined, { services: "/api" })
