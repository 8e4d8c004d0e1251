/** Services on the paths that the guard names for them: they ask by `Authorization: Bearer` with a token of their own. */
import assert from "node:assert/strict"
import { Policy } from "@cognito-auth/core"
import { bearerAttacks } from "../../forge/bearerAttacks.ts"
import type { ServiceForgery } from "../../forge/forgeBearer.ts"
import type { Forge } from "../../forge/makeForge.ts"
import { secret } from "../describeApp.ts"
import { expectAdmitted, expectNothingOfTheApp, expectRefused, field } from "../expectations.ts"
import { curl } from "../http/clients.ts"
import type { HeaderLines, RawAnswer } from "../http/rawHttp.ts"
import { cutOff, type Row, toLines } from "../Stage.ts"

const clientId = "2service4client6id8example0"

const of = (name: string, play: Row["play"]): Row => ({
  name,
  part: "requests",
  isOfServices: true,
  variant: {
    services: ["/api"],
    options: {
      policy: Policy.make(
        Policy.anyOf(
          Policy.rule("anybody", () => true),
          Policy.clients([clientId])
        )
      )
    }
  },
  play
})

const bearing = async (forge: Forge, service: ServiceForgery = {}): Promise<HeaderLines> => [
  ...curl.headers,
  ...toLines(await forge.bearer(service))
]

/** 403 with RFC 6750's challenge. */
const expectInsufficient = (answer: RawAnswer, scope: string): void => {
  assert.equal(answer.status, 403)
  assert.deepEqual(field(answer, "www-authenticate"), [`Bearer error="insufficient_scope"${scope}`])
  assert.deepEqual(field(answer, "content-type"), ["application/problem+json"])
  expectNothingOfTheApp(answer)
}

export const services: ReadonlyArray<Row> = [
  of("a service is admitted on its paths, and is no user", async ({ ask, forge }) => {
    const headers = await bearing(forge, { scopes: ["orders/read", "orders/list"] })
    for (const target of ["/api/orders", "/api/orders?x=/admin"]) {
      expectAdmitted(await ask({ target, headers }), `${secret}: the service ${clientId} (orders/read orders/list), for nobody`)
    }
  }),
  of("a user is admitted on the paths of services as on any other", async ({ ask, signIn }) => {
    expectAdmitted(await ask({ target: "/api/orders", headers: await signIn({ email: "ada@example.com" }) }), `${secret}: ada@example.com`)
    expectRefused(await ask({ target: "/api/orders", headers: curl.headers }), 401, "HeaderMissing")
  }),
  of("a service is nobody on any other path, and on any other spelling of its own: 401", async ({ ask, forge }) => {
    const headers = await bearing(forge)
    for (const target of [
      "/",
      "/me",
      "/apis",
      "/API/orders",
      "/%61pi/orders",
      "//api/orders",
      "/api/../me",
      "/x/../api/orders",
      "/api%2forders"
    ]) {
      expectRefused(await ask({ target, headers }), 401, "HeaderMissing")
    }
  }),
  of("a bearer token makes no difference to a user on any other path", async ({ ask, forge, signIn }) => {
    const headers = [...(await bearing(forge)), ...(await signIn({ email: "ada@example.com" }))]
    expectAdmitted(await ask({ headers }), "Hello ada@example.com")
  }),
  of("every attack on a service's sign-in: 401", async ({ ask, forge }) => {
    for (const { error, headers } of Object.values(bearerAttacks)) {
      const lines = [...curl.headers, ...toLines(await headers(forge, { groups: ["admins"] }))]
      for (const target of ["/api/orders", "/api/write"]) expectRefused(await ask({ target, headers: lines }), 401, error)
    }
  }),
  of("Authorization in two lines: 401 HeaderInvalid", async ({ ask, forge }) => {
    const [line = ["", ""]] = toLines(await forge.bearer())
    const [, token] = line
    for (const others of [
      [line, line],
      [line, ["AUTHORIZATION", token]],
      [line, ["authorization", "Bearer x"]],
      [["authorization", ""], line]
    ] satisfies ReadonlyArray<HeaderLines>) {
      expectRefused(await ask({ target: "/api/orders", headers: [...curl.headers, ...others] }), 401, "HeaderInvalid")
    }
  }),
  of("a service without every scope that a route requires: 403, with the scopes", async ({ ask, forge }) => {
    const target = "/api/write"
    expectAdmitted(await ask({ target, headers: await bearing(forge, { scopes: ["orders/list", "orders/write"] }) }))
    const near = [
      ["orders/write"],
      ["orders/write2", "orders/list"],
      ["orders/writ", "orders/list"],
      ["write", "list"],
      ["Orders/write", "orders/list"],
      []
    ]
    for (const scopes of near) {
      expectInsufficient(await ask({ target, headers: await bearing(forge, { scopes }) }), ', scope="orders/write orders/list"')
    }
    expectInsufficient(await ask({ target: "/api/admin", headers: await bearing(forge) }), "")
  }),
  of("a service of another client than the policy's: 403", async ({ ask, forge }) => {
    for (const other of [`${clientId}0`, clientId.slice(0, -1), clientId.toUpperCase(), forge.clientId]) {
      expectInsufficient(await ask({ target: "/api/orders", headers: await bearing(forge, { clientId: other }) }), "")
    }
  }),
  {
    ...of("a service whose key cannot be fetched: 503", async ({ ask, forge }) => {
      expectRefused(await ask({ target: "/api/orders", headers: await bearing(forge) }), 503, "KeySourceUnavailable")
    }),
    before: cutOff
  }
]
