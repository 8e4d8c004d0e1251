import { ConfigurationError } from "@cognito-auth/core"
import { makeSignOut, type SignOutOptions } from "@cognito-auth/core/SignOut"
import { describe, expect, it } from "vitest"

const clientIds = new Set(["client-1"])
const good: SignOutOptions = {
  cognitoDomain: "https://my-app.auth.eu-west-2.amazoncognito.com",
  logoutUri: "https://my-app.example/bye?a=1&b=2"
}
const request = (method: string) => ({ method, target: "/sign-out?logout_uri=https://evil.example", headers: { host: "evil.example" } })

describe("signing out", () => {
  it("expires every shard of the session cookie, and goes on to Cognito", () => {
    const answer = makeSignOut(good, clientIds)(request("GET"))
    expect(answer).toMatchObject({ status: 302, body: "" })
    expect(answer.headers["location"]).toBe(
      "https://my-app.auth.eu-west-2.amazoncognito.com/logout?client_id=client-1&logout_uri=https%3A%2F%2Fmy-app.example%2Fbye%3Fa%3D1%26b%3D2"
    )
    expect(answer.headers["set-cookie"]).toEqual(
      [0, 1, 2, 3].map(
        (shard) => `AWSELBAuthSessionCookie-${shard}=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/; Secure; HttpOnly`
      )
    )
    expect(answer.headers["cache-control"]).toBe("no-store")
  })

  it("takes the cookie's name, its shards and the client from its options", () => {
    const { headers } = makeSignOut({ ...good, cookieName: "Session", cookieShards: 1, clientId: "client-2" }, clientIds)(request("GET"))
    expect(headers["set-cookie"]).toEqual([expect.stringMatching(/^Session-0=;/)])
    expect(headers["location"]).toContain("client_id=client-2")
    expect(makeSignOut({ ...good, cookieShards: 20 }, clientIds)(request("GET")).headers["set-cookie"]).toHaveLength(20)
  })

  it.each([
    ["GET", 302],
    ["HEAD", 302],
    ["POST", 303],
    ["DELETE", 405],
    ["get", 405]
  ])("answers %s with %i", (method, status) => {
    const answer = makeSignOut(good, clientIds)(request(method))
    expect(answer).toMatchObject({ status, body: "" })
    if (status === 405) expect(answer.headers).toEqual({ allow: "GET, HEAD, POST", "cache-control": "no-store" })
  })

  it("goes on to another provider's end_session_endpoint, with the parameters of RP-Initiated Logout", () => {
    const { cognitoDomain: _, ...rest } = good
    const endSessionUrl = "https://idp.example.com/realms/main/protocol/openid-connect/logout?ui_locales=cy"
    const answer = makeSignOut({ ...rest, endSessionUrl }, clientIds)(request("GET"))
    const location = new URL(String(answer.headers["location"]))
    expect(location.origin + location.pathname).toBe("https://idp.example.com/realms/main/protocol/openid-connect/logout")
    expect(Object.fromEntries(location.searchParams)).toEqual({
      ui_locales: "cy",
      client_id: "client-1",
      post_logout_redirect_uri: "https://my-app.example/bye?a=1&b=2"
    })
    expect(answer.headers["set-cookie"]).toHaveLength(4)
  })

  const { cognitoDomain: _, ...nowhere } = good
  it.each<[what: string, options: SignOutOptions, clients: ReadonlySet<string>, says: string]>([
    ["neither provider's address", nowhere, clientIds, "with another provider than Cognito, give endSessionUrl instead"],
    ["no client, in the settings or in the options", good, new Set(), "the settings have no app client"],
    ["several clients", good, new Set(["client-1", "client-2"]), "the settings have several app clients"]
  ])("says what to write where there is %s", (_, options, clients, says) => {
    expect(() => makeSignOut(options, clients)).toThrow(says)
  })

  it.each<[object, ReadonlyArray<string>]>([
    [{ endSessionUrl: "https://idp.example.com/logout" }, ["cognitoDomain"]],
    [{ cognitoDomain: undefined, endSessionUrl: "http://idp.example.com/logout" }, ["endSessionUrl"]],
    [{ cognitoDomain: undefined, endSessionUrl: "/logout" }, ["endSessionUrl"]],
    [{ cognitoDomain: undefined, endSessionUrl: 1 }, ["endSessionUrl"]],
    [{ cognitoDomain: undefined }, ["cognitoDomain"]],
    [{ cognitoDomain: "my-app.auth.eu-west-2.amazoncognito.com" }, ["cognitoDomain"]],
    [{ cognitoDomain: "http://my-app.example" }, ["cognitoDomain"]],
    [{ cognitoDomain: "https://my-app.example/login" }, ["cognitoDomain"]],
    [{ cognitoDomain: new URL("https://my-app.example") }, ["cognitoDomain"]],
    [{ logoutUri: "/bye" }, ["logoutUri"]],
    [{ logoutUri: new URL("https://my-app.example") }, ["logoutUri"]],
    [{ logoutUri: 1 }, ["logoutUri"]],
    [{ clientId: "" }, ["clientId"]],
    [{ clientId: 1 }, ["clientId"]],
    [{ cookieName: "a b" }, ["cookieName"]],
    [{ cookieName: "" }, ["cookieName"]],
    [{ cookieName: 1 }, ["cookieName"]],
    [{ cookieShards: 0 }, ["cookieShards"]],
    [{ cookieShards: 21 }, ["cookieShards"]],
    [{ cookieShards: 1.5 }, ["cookieShards"]],
    [{ cognitoDomain: "", logoutUri: "", cookieName: ";" }, ["cognitoDomain", "logoutUri", "cookieName"]]
  ])("refuses %j at start-up, and names every fault", (options, names) => {
    try {
      makeSignOut({ ...good, ...options } as SignOutOptions, clientIds)
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigurationError)
      expect((error as ConfigurationError).faults.map(({ setting }) => setting)).toEqual(names.map((name) => `signOut.${name}`))
      for (const { problem } of (error as ConfigurationError).faults) expect(problem).not.toBe("")
    }
  })

  it("refuses to guess among several clients, and options that are none", () => {
    expect(() => makeSignOut(good, new Set(["client-1", "client-2"]))).toThrow(/signOut\.clientId: .*several/)
    const none: unknown = undefined
    expect(() => makeSignOut(none as SignOutOptions, clientIds)).toThrow("signOut.cognitoDomain")
  })
})
