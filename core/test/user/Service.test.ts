import { inspect } from "node:util"
import { Service } from "@cognito-auth/core"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { runs } from "../../../testing/test/runs.ts"
import { userOf } from "../userOf.ts"

const claims = { client_id: "client", iss: "https://pool.example", exp: 1_800_000_000, scope: "orders/read orders/write" }
const service = Service.fromClaims(claims)

describe("a service", () => {
  it("is what its claims say", () => {
    expect([service._tag, service.clientId, service.issuer, service.expiresAt]).toEqual([
      "Service",
      "client",
      "https://pool.example",
      new Date(1_800_000_000_000)
    ])
    expect(service.scopes).toEqual(["orders/read", "orders/write"])
    expect([service.hasKnownScopes, service.hasScope("orders/read"), service.hasScope("orders")]).toEqual([true, true, false])
    expect(service.claims).toEqual(claims)
    expect(userOf()._tag).toBe("User")
  })

  it("∀ claims of wrong types: there is a service, with nothing of them in it", () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        const { clientId, issuer, expiresAt } = Service.fromClaims({ client_id: value, iss: value, exp: value })
        expect([clientId, issuer]).toEqual(typeof value === "string" ? [value, value] : ["", ""])
        if (typeof value !== "number") expect(expiresAt.getTime()).toBe(0)
      }),
      { numRuns: runs(200) }
    )
    expect(Service.fromClaims({}).scopes).toEqual([])
    expect(Service.fromClaims({}).hasKnownScopes).toBe(true)
    expect(Service.fromClaims({ exp: 12 }).expiresAt.getTime()).toBe(12_000)
  })

  it("∀ scope claims: only a list by RFC 6749's grammar is known, and then it is exactly that list", () => {
    const piece = fc.constantFrom("a", "orders/read", " ", "  ", "", '"', "\\", "\t", "é", ",")
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(piece).map((pieces) => pieces.join("")),
          fc.anything()
        ),
        (scope) => {
          const { scopes, hasKnownScopes } = Service.fromClaims({ client_id: "c", scope })
          const isList = typeof scope === "string" && /^[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*$/.test(scope)
          expect([scopes, hasKnownScopes]).toEqual(isList ? [scope.split(" "), true] : [[], scope === undefined])
        }
      ),
      { numRuns: runs(500) }
    )
  })

  it("cannot be changed, and shows its client and its scopes alone", () => {
    expect([service, service.claims, service.scopes, Service.fromClaims({}).scopes].map(Object.isFrozen)).toEqual([true, true, true, true])
    expect(JSON.stringify(service)).toBe('{"clientId":"client","scopes":["orders/read","orders/write"]}')
    expect([String(service), inspect(service)]).toEqual(["Service(client)", "Service(client)"])
  })
})
