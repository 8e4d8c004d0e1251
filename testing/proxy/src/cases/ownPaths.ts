/** What the gateway answers by itself, without a user, and never forwards. Nobody else has such paths. */
import type { Case } from "../Case.ts"
import { answered, answers } from "../expect/client.ts"
import { get, request, switched, webSocket } from "../expect/messages.ts"
import { getsNothing } from "../expect/upstream.ts"

const nobody = (bytes: string): string => bytes.replace("{auth}", "")
const common = { subjects: ["gateway"], rfc: "9110 §15.5.2", upstream: getsNothing } as const satisfies Partial<Case>

export const ownPaths: ReadonlyArray<Case> = [
  {
    name: "/healthz responds to any client, with or without a query, and is not forwarded",
    ...common,
    send: nobody(get("/healthz")) + nobody(get("/healthz?x=1")),
    client: answers([200], [200])
  },
  {
    name: "/healthz is answered to HEAD without a body",
    ...common,
    send: [nobody(request("HEAD", "/healthz")), nobody(get("/healthz"))],
    methods: ["HEAD", "GET"],
    client: answers([200, { body: "" }], [200])
  },
  {
    name: "/healthz answers 405 to other methods, and reads their bodies away",
    ...common,
    send: `${nobody(request("POST", "/healthz", "Content-Length: 4"))}data${nobody(get("/healthz"))}`,
    client: answers([405, { has: { allow: "GET, HEAD" } }], [200])
  },
  {
    name: "The assertions' keys are public",
    ...common,
    send: nobody(get("/.well-known/cognito-auth/jwks.json")),
    client: answered(200, { has: { "content-type": "application/jwk-set+json" } })
  },
  {
    name: "/readyz is 200 while the upstream answers",
    subjects: ["gateway"],
    rfc: "9110 §15.3.1",
    reply: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n",
    send: nobody(get("/readyz")),
    client: answered(200),
    upstream: () => undefined
  },
  {
    name: "/readyz is 503 while the upstream accepts, and never answers",
    subjects: ["gateway"],
    rfc: "9110 §15.6.4",
    profile: "impatient",
    reply: [],
    send: nobody(get("/readyz")),
    client: answered(503),
    upstream: () => undefined
  },
  {
    name: "/readyz is 503 while the upstream refuses connections",
    subjects: ["gateway"],
    rfc: "9110 §15.6.4",
    run: async ({ client, upstream }) => {
      await upstream.stopListening()
      client.send(nobody(get("/readyz")))
      await answered(503)(client)
      await upstream.listenAgain()
    }
  },
  ...[
    "/healthz/",
    "/HEALTHZ",
    "/%68ealthz",
    "//healthz",
    "/./healthz",
    "/healthz;x",
    "/healthz/x",
    "/readyz/",
    "/.well-known/cognito-auth/"
  ].map(
    (target): Case => ({
      name: `${target} is none of its own paths: it takes a sign-in`,
      ...common,
      send: nobody(get(target)),
      client: answered([400, 401])
    })
  ),
  {
    name: "A WebSocket to an own path leads nowhere",
    ...common,
    reply: switched(),
    send: nobody(webSocket("/healthz")),
    client: answered([200, 400, 401, 404, 405, 426])
  }
]
