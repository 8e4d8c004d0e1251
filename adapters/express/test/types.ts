/** What must compile, and what must not: checked by `tsc`, never run. Against the types of Express 5 and of Express 4. */
import { createServer } from "node:http"
import { cognitoAuth, type ExpressAuth, type Middleware, Policy, type Service, User } from "@cognito-auth/express"
import express, { type RequestHandler } from "express"
import express4, { type RequestHandler as RequestHandler4 } from "express4"

// As @types/passport declares it: an app may use both.
declare global {
  namespace Express {
    interface User {}
    interface Request {
      user?: User | undefined
    }
  }
}

const auth: ExpressAuth = cognitoAuth({ policy: Policy.anyUser })

const app = express()
app.use(auth.protect())
app.use(auth.protect({ bypass: ["/health"], onFailure: "status", closeOnExpiry: true }), auth.require({ admin: true }))
app.use("/api", auth.protect({ bypass: new Set(["/api/health"]) }), express.Router().use(auth.protect()))
app.get("/events", auth.protect({ closeOnExpiry: true }), (_req, res) => void res.write(": hello\n\n"))
app.get("/session", auth.session())
app.all("/sign-out", auth.signOut({ cognitoDomain: "https://a.auth.eu-west-2.amazoncognito.com", logoutUri: "https://a.example/" }))
auth.protectApp(app)
auth.protectApp(app, { bypass: ["/health"], onFailure: "redirect" })

// A guard leaves the types of a route's parameters, bodies and locals to the route.
app.get("/users/:id/:page", auth.require({ groups: "staff" }), (req, res) => {
  const id: string = req.params.id
  const email: string = auth.getAuthUser(req).email
  const maybe: string | undefined = req.user?.email
  const groups: ReadonlyArray<string> = req.user?.groups ?? []
  const user: User = req.user ?? User.anonymous
  res.json({ id, email, maybe, groups, expiresAt: user.expiresAt.getTime(), isAdmin: user.isIn("admins") })
  // @ts-expect-error There is no such parameter.
  req.params.name.toUpperCase()
})
const typed: RequestHandler<{ id: string }, string, { readonly name: string }> = (req, res) =>
  void res.send(`${req.params.id} ${req.body.name} ${req.user?.sub}`)
app.put("/users/:id", auth.require({ users: ["ada@example.com"] }), typed)

const old = express4()
old.use(auth.protect({ bypass: ["/health"] }), auth.require({ groups: ["admins"] }))
old.use("/api", express4.Router().use(auth.protect()))
old.get("/users/:id", auth.require({ groups: "staff" }), (req, res) => void res.json({ id: req.params.id, email: req.user?.email }))
old.get("/session", auth.session())
auth.protectApp(old, { bypass: ["/health"] })

// A guard is a middleware by whatever name: wrapped, listed, kept.
const guards: ReadonlyArray<RequestHandler> = [auth.protect(), auth.require({ admin: true }), auth.session()]
const guards4: ReadonlyArray<RequestHandler4> = [auth.protect(), auth.require({ admin: true }), auth.session()]
const unless =
  (guard: Middleware): RequestHandler =>
  (req, res, next) =>
    req.path === "/open" ? next() : guard(req, res, next)
app.use(unless(auth.protect()), ...guards)
old.use(...guards4)

const off: () => void = auth.protectUpgrades(createServer(app), (req, socket, _head, user, expiry) => {
  expiry.addEventListener("abort", () => socket.destroy())
  return [auth.getAuthUser(req).email, user.email]
})
off()

const wait: Promise<void> = auth.ready().then(auth.reload).then(auth.dispose)
export default wait

// --- What must not compile ---------------------------------------------------------------------------------------

app.get("/", (req, res) => {
  // @ts-expect-error On a path that is bypassed there is no user.
  res.send(req.user.email)
  // @ts-expect-error There is no such property.
  res.send(req.user?.mail)
  // @ts-expect-error Nobody is made an administrator.
  if (req.user) req.user.isAdmin = true
  // @ts-expect-error Only what core has verified is a user.
  req.user = { email: "ada@example.com" }
})
// @ts-expect-error protect makes a middleware; it is none.
app.use(auth.protect)
// @ts-expect-error require makes a middleware; it is none.
app.use(auth.require)
// @ts-expect-error session makes a handler; it is none.
app.get("/session", auth.session)
// @ts-expect-error signOut makes a handler; it is none.
app.post("/sign-out", auth.signOut)
// @ts-expect-error require needs something to require.
auth.require()
// @ts-expect-error A misspelt name requires nothing.
auth.require({ group: ["admins"] })
// @ts-expect-error `admin: false` would require nothing; require only ever adds.
auth.require({ admin: "yes" })
// @ts-expect-error A requirement is what require() is for.
auth.protect({ require: { groups: ["admins"] } })
// @ts-expect-error A path is a string: patterns are not bypassed.
auth.protect({ bypass: [/^\/health/] })
// @ts-expect-error There is no such answer.
auth.protect({ onFailure: "ignore" })
// @ts-expect-error A misspelt name bypasses nothing.
auth.protect({ bypas: ["/health"] })
// @ts-expect-error A router is no app.
auth.protectApp(express.Router())
// @ts-expect-error A router is no app, in Express 4 either.
auth.protectApp(express4.Router())
// @ts-expect-error A server is no app.
auth.protectApp(createServer())
// @ts-expect-error An app has no upgrades: the server that listens has.
auth.protectUpgrades(app, () => undefined)
// @ts-expect-error An upgrade is never redirected.
auth.protectUpgrades(createServer(), () => undefined, { onFailure: "redirect" })
// @ts-expect-error Cognito's logout needs to know where to go on to.
auth.signOut({ cognitoDomain: "https://a.auth.eu-west-2.amazoncognito.com" })
// @ts-expect-error The user is the request's.
auth.getAuthUser()
// @ts-expect-error There is no user by hand.
new User()

auth.protectApp(app, { services: ["/api"] })
app.get("/api/orders", auth.require({ scopes: ["orders/read"] }), (req, res) => {
  const principal: User | Service = auth.getPrincipal(req)
  res.json(principal._tag === "Service" ? principal.clientId : principal.email)
  // @ts-expect-error getAuthUser never returns a service.
  const service: Service = auth.getAuthUser(req)
  // @ts-expect-error Nor is one ever in req.user.
  const alsoNone: Service | undefined = req.user
  return [service, alsoNone]
})
