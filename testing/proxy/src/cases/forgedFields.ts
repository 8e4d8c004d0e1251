/** Fields that only a proxy may set. An app trusts them, even if a client sent them. */
import { type Case, signingIn, type UpstreamCheck } from "../Case.ts"
import { answered } from "../expect/client.ts"
import { get } from "../expect/messages.ts"
import { fail } from "../Mismatch.ts"

/** Who asks, where from, and for what: names of the load balancer's, of other proxies', and of what apps read instead of the path. */
const names = [
  "X-Amzn-Oidc-Data",
  "X-Amzn-Oidc-Accesstoken",
  "X-Amzn-Oidc-Identity",
  "X-Cognito-Auth-Assertion",
  "X-Forwarded-User",
  "X-Forwarded-Email",
  "X-Forwarded-Groups",
  "X-Forwarded-Preferred-Username",
  "X-Forwarded-Access-Token",
  "X-Forwarded-Name",
  "X-Forwarded-Roles",
  "Remote-User",
  "X-Remote-User",
  "X-Auth-Request-User",
  "X-Auth-Request-Email",
  "X-Auth-Request-Access-Token",
  "X-WebAuth-User",
  "X-Authenticated-User",
  "X-Authentik-Username",
  "X-Vouch-User",
  "X-Goog-Iap-Jwt-Assertion",
  "Auth-User",
  "X-User",
  "X-Email",
  "X-Forwarded-Login",
  "Script-Name",
  "Path-Info",
  "X-Script-Name",
  "X-Original-Uri",
  "X-Original-URL",
  "X-Rewrite-Url",
  "X-Forwarded-Uri",
  "X-Forwarded-Path",
  "X-Forwarded-Prefix",
  "X-Forwarded-Scheme",
  "X-Forwarded-Server",
  "X-Forwarded-Ssl",
  "X-Real-IP",
  "True-Client-IP",
  "X-HTTP-Method-Override",
  "X-Forwarded-Client-Cert",
  "Forwarded"
]

/** As a client may spell a name: CGI and WSGI make `_` of `-`, and some servers of every character that is no letter. */
const spellings = (name: string): ReadonlyArray<string> => [
  ...new Set([
    name,
    name.toUpperCase(),
    name.toLowerCase(),
    name.replaceAll("-", "_"),
    name.toUpperCase().replaceAll("-", "_"),
    name.replaceAll("-", "."),
    name.replace("-", "_")
  ])
]

const linesOf = (name: string): ReadonlyArray<string> => spellings(name).map((each) => `${each}: forged`)

/** Nothing that the client said under the name is in the head, under any. */
const getsNo =
  (value: string): UpstreamCheck =>
  ({ requests }) => {
    if (requests.length !== 1) fail(`upstream: received ${requests.length} requests, expected 1`)
    for (const { message } of requests)
      for (const [name, received] of message.fields) if (received.includes(value)) fail(`upstream: received ${name}: ${received}`)
  }

/** The reference proxies sign nobody in, and pass on what their operator does not name. The local ALB is none but what AWS says of the real one. */
const common = { rfc: "9110 §17.7", subjects: signingIn, client: answered(200), upstream: getsNo("forged") } as const

export const forgedFields: ReadonlyArray<Case> = [
  ...names.map(
    (name): Case => ({
      name: `${name} of a client is removed, in every spelling`,
      ...common,
      send: `GET /open HTTP/1.1\r\nHost: app.example\r\n${linesOf(name).join("\r\n")}\r\n\r\n`
    })
  ),
  {
    name: "What a signed-in client says of itself is removed, too",
    ...common,
    send: get("/a", ...names.filter((name) => !name.startsWith("X-Amzn")).flatMap(linesOf))
  }
]
