import type { IncomingMessage, ServerResponse } from "node:http"
import { httpMeaning } from "@cognito-auth/core"
import { type BuildApp, type ContractApp, contract } from "@cognito-auth/testing/contract"
import { describe, expect, it } from "vitest"
import { buildServer } from "../../adapters/node/test/contractApp.ts"
import { failuresOf } from "./failuresOf.ts"

type Hook = (req: IncomingMessage, res: ServerResponse) => void

/** The adapter for node:http with a fault: in how it was set up, or in what it does first with a request. */
const withFault = ({ app: change = (app) => app, first }: { app?: (app: ContractApp) => ContractApp; first?: Hook }): BuildApp => {
  return (app) => {
    const { server, built } = buildServer(change(app))
    if (first !== undefined) server.prependListener("request", first)
    return built
  }
}

const rewrites = (rewrite: (target: string) => string): BuildApp =>
  withFault({
    first: (req) => {
      req.url = rewrite(req.url ?? "")
    }
  })

/** Changes what the response is about to say. */
const answers = (change: (res: ServerResponse, req: IncomingMessage) => void): BuildApp =>
  withFault({
    first: (req, res) => {
      const { end } = res
      res.end = ((...args: Parameters<typeof end>) => {
        if (!res.headersSent) change(res, req)
        return end.apply(res, args)
      }) as typeof end
    }
  })

const faults: ReadonlyArray<readonly [fault: string, build: BuildApp, caughtBy: ReadonlyArray<string>]> = [
  [
    "decodes the path before it asks",
    rewrites((target) => target.replaceAll(/%[0-7][0-9a-f]/gi, decodeURIComponent)),
    ["bypass is not evaded by /%68ealth"]
  ],
  [
    "takes no notice of case",
    rewrites((target) => target.toLowerCase()),
    ["bypass is not evaded by /HEALTH", "bypass is not evaded by /Health"]
  ],
  [
    "resolves dot segments",
    rewrites((target) => (target.startsWith("//") ? target : new URL(target, "http://localhost").pathname)),
    ["bypass is not evaded by /./health", "bypass is not evaded by /health/../health", "bypass is not evaded by http://app.example/health"]
  ],
  [
    "joins slashes",
    rewrites((target) => target.replace(/\/+/g, "/")),
    ["bypass is not evaded by //health", "bypass is not evaded by /health//"]
  ],
  ["takes parameters off the path", rewrites((target) => target.replace(/;[^/?]*/g, "")), ["bypass is not evaded by /health;x=1"]],
  [
    "takes a fragment off the target",
    rewrites((target) => target.replace(/#.*/, "")),
    ["the target /health#/../admin has a raw #: 400 TargetInvalid"]
  ],
  [
    "believes X-Original-URL",
    withFault({
      first: (req) => {
        req.url = String(req.headers["x-original-url"] ?? req.url)
      }
    }),
    ["bypass is not evaded by the header X-Original-URL"]
  ],
  [
    "takes the first of two headers",
    withFault({
      first: (req) => {
        for (const [name, values] of Object.entries(req.headersDistinct)) req.headers[name] = values?.[0]
      }
    }),
    ["x-amzn-oidc-data in two lines: 401 HeaderInvalid", "x-amzn-oidc-identity in two lines, of two users: 401 HeaderInvalid"]
  ],
  [
    "takes underscores for hyphens",
    withFault({
      first: (req) => {
        for (const [name, value] of Object.entries(req.headers)) req.headers[name.replaceAll("_", "-")] = value
      }
    }),
    ["underscores instead of hyphens: 401 HeaderMissing"]
  ],
  [
    "asks nobody who makes a preflight",
    withFault({
      first: (req, res) => {
        if (req.method === "OPTIONS") res.end("ok")
      }
    }),
    ["a CORS preflight without sign-in gets 401"]
  ],
  [
    "calls an outage a failed sign-in",
    answers((res) => {
      if (res.statusCode === 503) res.statusCode = 401
    }),
    ["the key endpoints answer 500: 503, and nobody is admitted or redirected; then requests are admitted again"]
  ],
  ["forgets to say when to come again", answers((res) => res.removeHeader("retry-after")), ["no keys cached: 503 KeySourceUnavailable"]],
  [
    "forgets the challenge",
    answers((res) => res.removeHeader("www-authenticate")),
    ["no sign-in: 401 HeaderMissing", "curl without sign-in gets 401"]
  ],
  ["lets answers be cached", answers((res) => res.removeHeader("cache-control")), ["a page load without sign-in gets a page with 401"]],
  [
    "says more than it should",
    answers((res, req) => res.setHeader("x-debug", req.headers["x-amzn-oidc-accesstoken"] ?? "")),
    ["an old access token: 401 TokenExpired"]
  ],
  [
    "redirects whatever is asked",
    withFault({
      app: (app) => ({ ...app, options: { ...app.options, redirectUrl: "/x" }, guard: { ...app.guard, onFailure: "redirect" } })
    }),

    [
      "fetch() in a page without sign-in gets 401",
      "an EventSource without sign-in gets 401",
      'onFailure "status": whatever is asked gets the status'
    ]
  ],
  [
    "forgets what routes require",
    withFault({ app: (app) => ({ ...app, routes: app.routes.map((route) => ({ ...route, require: undefined })) }) }),
    ["/admin: a member of another group gets 403", "/users-only: another user gets 403", "a rule on a path of bypass protects itself"]
  ],
  [
    "takes any rule for the same",
    withFault({
      app: (app) => ({ ...app, routes: app.routes.map((route) => ({ ...route, require: route.require && { groups: ["admins"] } })) })
    }),
    ["/admins-only: a member of a group called admins gets 403", "/users-only: the user who is named may enter"]
  ],
  [
    "keeps no streams to their session",
    withFault({ app: (app) => ({ ...app, streams: app.streams.map((stream) => ({ ...stream, options: {} })) }) }),
    ["an event stream is closed when the session expires, and not before"]
  ],
  [
    "keeps every response to its session",
    withFault({ app: (app) => ({ ...app, streams: app.streams.map((stream) => ({ ...stream, options: { closeOnExpiry: true } })) }) }),
    ["a response that did not ask for it outlives the session"]
  ],
  [
    "keeps no WebSockets to their session",
    withFault({ app: (app) => ({ ...app, upgrades: { ...app.upgrades, options: { closeOnExpiry: false } } }) }),
    [
      "a WebSocket is closed with 4401 when the session expires, not before, and then cut",
      "a WebSocket whose app sends no close frame is closed when the session expires, and not before",
      "an upgrade by a user who is not what it requires gets 403"
    ]
  ],
  [
    "takes no notice of what is known about the end of a session",
    withFault({
      app: (app) => {
        const { handle } = app.upgrades
        const never = new AbortController().signal
        return { ...app, upgrades: { ...app.upgrades, handle: (req, socket, head, user) => handle(req, socket, head, user, never) } }
      }
    }),
    ["a WebSocket is closed with 4401 when the session expires, not before, and then cut"]
  ],
  [
    "loses what a client said early",
    withFault({
      app: (app) => {
        const { handle } = app.upgrades
        return {
          ...app,
          upgrades: {
            ...app.upgrades,
            handle: (req, socket, _head, user, expiry) => {
              socket.read()
              handle(req, socket, Buffer.alloc(0), user, expiry)
            }
          }
        }
      }
    }),
    ["what a client says before it is admitted is not lost"]
  ],
  [
    "expires one shard of the cookie",
    withFault({
      app: (app) => ({ ...app, signOuts: app.signOuts.map(({ path, options }) => ({ path, options: { ...options, cookieShards: 1 } })) })
    }),
    ["signing out expires every shard of the cookie and goes to Cognito's logout"]
  ],
  [
    "signs out to wherever it is told",
    answers((res, req) => {
      const uri = new URL(req.url ?? "", "http://localhost").searchParams.get("logout_uri")
      if (uri !== null)
        res.setHeader("location", String(res.getHeader("location")).replace(/logout_uri=.*/, `logout_uri=${encodeURIComponent(uri)}`))
    }),
    ["signing out cannot be sent elsewhere by a query"]
  ],
  [
    "passes every method on as GET",
    withFault({
      first: (req) => {
        if (req.method === "POST") req.method = "GET"
      }
    }),
    ["what a page of another site sends by POST: 403 CrossOriginRefused", "another site's link, image or form signs nobody out"]
  ],
  [
    "drops the header Origin",
    withFault({
      first: (req) => {
        delete req.headers.origin
      }
    }),
    ["what a page of another site, in a browser without Fetch Metadata, sends by POST: 403 CrossOriginRefused"]
  ],
  [
    "forgets what other origins may send",
    withFault({ app: (app) => ({ ...app, guard: { ...app.guard, crossOrigin: undefined } }) }),
    ["allowedOrigins and crossOrigin.allow let through what they name, exactly"]
  ],
  [
    "allows every origin that asks",
    withFault({
      first: (req) => {
        if (req.headers.origin !== undefined) req.headers.origin = `https://${req.headers.host}`
        delete req.headers["sec-fetch-site"]
      }
    }),
    [
      "what a page of a sibling's sub-domain sends by POST: 403 CrossOriginRefused",
      "a cross-origin request is refused before its sign-in is looked at, and never redirected"
    ]
  ],
  [
    "protects signing out",
    withFault({ app: (app) => ({ ...app, guard: { ...app.guard, bypass: ["/health"] } }) }),
    ["signing out needs no user, and no keys", "session() protects itself, and never redirects"]
  ]
]

const correct: BuildApp = (app) => buildServer(app).built

// That each row fails for one of two adapters, of which one lets everybody in and one nobody, is in contract.nightly.ts.
describe.concurrent("the contract", () => {
  const names = contract(correct).map(({ name }) => name)

  it("names each scenario differently", () => expect(new Set(names).size).toBe(names.length))

  it("has every error over HTTP", () => {
    const missing = Object.entries(httpMeaning).filter(([tag, { status }]) => !names.some((name) => name.endsWith(`: ${status} ${tag}`)))
    expect(missing).toEqual([])
  })

  it("is of the parts that were asked for", () => {
    const partsOf = (...[options]: [Parameters<typeof contract>[1]?]) => new Set(contract(correct, options).map(({ part }) => part))
    expect(partsOf()).toEqual(new Set(["requests", "streams", "upgrades"]))
    expect(partsOf({ only: "requests" })).toEqual(new Set(["requests"]))
    expect(partsOf({ only: ["streams", "upgrades"] })).toEqual(new Set(["streams", "upgrades"]))
  })
})

describe.concurrent("the contract catches an adapter that", () => {
  for (const [fault, build, caughtBy] of faults) {
    it(fault, async () => {
      const failed = await failuresOf(build, (name) => caughtBy.includes(name))
      expect([...failed].sort()).toEqual([...caughtBy].sort())
    })
  }
})
