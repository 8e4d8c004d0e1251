import { HeaderMissing } from "@cognito-auth/core"
import * as Decision from "@cognito-auth/core/Decision"
import { isAtRedirect } from "@cognito-auth/core/RedirectLoop"
import { builtInPage } from "@cognito-auth/core/RefusalPage"
import type { HeaderFields } from "@cognito-auth/core/Request"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { runs } from "../../../testing/test/runs.ts"

const isAt = (target: string, redirectUrl: string, headers: HeaderFields = { host: "app.example" }) =>
  isAtRedirect({ method: "GET", target, headers }, redirectUrl)

describe("a request is at the place that a redirect leads to", () => {
  it.each<[target: string, redirectUrl: string]>([
    ["/denied", "/denied"],
    ["/denied?again=1", "/denied?why=1"],
    ["/denied", "/denied#x"],
    ["/denied", "/denied?a=/b#/c?d"],
    ["/denied/", "/denied"],
    ["/denied", "/denied/"],
    ["/denied", "/a/../denied"],
    ["/denied", "/%64enied"],
    ["/%64enied", "/denied"],
    ["/a%2", "/a%2"],
    ["/", "/"],
    ["/?signed=out", "/"],
    ["/denied", "https://app.example/denied"],
    ["/denied", "https://app.example/denied/?x#y"],
    ["/denied", "http://app.example/denied"],
    ["/denied", "https://APP.example:443/denied"],
    ["/denied", "https://app.example./denied"],
    ["/", "https://app.example"],
    ["http://app.example/denied", "/denied"],
    ["HTTPS://app.example:443/denied", "https://app.example/denied"]
  ])("%s, redirected to %s", (target, redirectUrl) => {
    expect(isAt(target, redirectUrl)).toBe(true)
  })

  it("by the host as the client names it: with a port, in another case, over HTTP/2", () => {
    expect(isAt("/denied", "http://localhost:8080/denied", { host: "localhost:8080" })).toBe(true)
    expect(isAt("/denied", "https://app.example/denied", { Host: "App.Example:443" })).toBe(true)
    expect(isAt("/denied", "https://app.example/denied", { ":authority": "app.example" })).toBe(true)
    expect(isAt("/denied", "https://[::1]:8443/denied", { host: "[::1]:8443" })).toBe(true)
    expect(isAt("/denied", "https://app.example/denied", new Headers({ host: "app.example" }))).toBe(true)
  })

  it("where its own path is not known and the redirect stays within the app", () => {
    for (const target of ["", "*"]) {
      expect(isAt(target, "/denied")).toBe(true)
      expect(isAt(target, "https://app.example/denied")).toBe(true)
      expect(isAt(target, "https://elsewhere.example/denied")).toBe(false)
    }
  })
})

describe("a request is elsewhere", () => {
  it.each<[target: string, redirectUrl: string]>([
    ["/", "/denied"],
    ["/denied/more", "/denied"],
    ["/denie", "/denied"],
    ["/denied", "https://elsewhere.example/denied"],
    ["/denied", "https://app.example.elsewhere.example/denied"],
    ["/denied", "https://app.example:8443/denied"],
    ["/denied", "https://app.example/"],
    ["//elsewhere.example/denied", "https://elsewhere.example/denied"],
    ["/https://elsewhere.example/denied", "https://elsewhere.example/denied"],
    ["http://elsewhere.example/denied", "/else"],
    ["/https:a", "/https:b"]
  ])("%s, redirected to %s", (target, redirectUrl) => {
    expect(isAt(target, redirectUrl)).toBe(false)
  })

  it("by another port, however the name of another host ends", () => {
    expect(isAt("/denied", "https://localhost80/denied", { host: "localhost:8080" })).toBe(false)
  })

  it("where no host is named, or none that can be read", () => {
    for (const headers of [{}, { host: "" }, { host: "a b" }, { host: "/denied" }, { host: "[" }]) {
      expect(isAt("/denied", "https://app.example/denied", headers)).toBe(false)
      expect(isAt("/denied", "/denied", headers)).toBe(true)
    }
  })
})

// Anybody can send these, so none may cost more than its length does. Of half a million characters, twenty times over, quadratic
// work takes minutes: longer than a test may.
describe("the work to find out", () => {
  /** Each character another one: what the names of hosts are encoded with (RFC 3492) compares each with each. */
  const manyLetters = (length: number) =>
    Array.from({ length: length / 12 }, (_, i) => encodeURIComponent(String.fromCodePoint(0x20000 + i))).join("")

  it.each<[what: string, request: (length: number) => [target: string, host: string]]>([
    ["slashes within a path", (length) => [`/${"/".repeat(length)}x`, "app.example"]],
    ["slashes within the path of a URL", (length) => [`http://app.example${"/".repeat(length)}x`, "app.example"]],
    ["dot segments", (length) => ["/a/..".repeat(length / 5), "app.example"]],
    ["letters of a host", (length) => ["/", manyLetters(length)]],
    ["letters of a URL's host", (length) => [`http://${manyLetters(length)}/`, "app.example"]],
    ["letters of a URL's host, after slashes of either kind", (length) => [`http:/\\/${manyLetters(length)}/`, "app.example"]]
  ])("grows no faster than %s", (_, request) => {
    const [target, host] = request(500_000)
    expect(Array.from({ length: 20 }, () => isAt(target, "/denied", { host }))).toEqual(Array(20).fill(false))
  })

  it("is spent on the longest name that a host can have", () => {
    const longest = `${"a".repeat(63)}.`.repeat(3) + "a".repeat(61)
    expect(isAt("/denied", `https://${longest}/denied`, { host: `${longest}:443` })).toBe(true)
    expect(isAt("/denied", `https://${longest}/denied`, { host: `${longest}${"a".repeat(20)}` })).toBe(false)
    expect(isAt("/denied", "/denied", { host: `${longest}${"a".repeat(20)}` })).toBe(true)
    const tooLong = `${longest}${"a".repeat(20)}`
    for (const slashes of ["//", "/\\/"]) expect(isAt("/denied", `https:${slashes}${tooLong}/denied`, { host: tooLong })).toBe(false)
    const withDotAndPort = `${longest}.:65535`
    expect(isAt("/denied", `https://${withDotAndPort}/denied`, { host: withDotAndPort })).toBe(true)
    expect(isAt(`http://${longest}${"a".repeat(20)}/denied`, "/denied")).toBe(false)
  })
})

describe("an app whose every path is refused", () => {
  const refused = new HeaderMissing({ header: "x-amzn-oidc-data", check: "presence", expected: "the header", message: "It is missing." })
  const hosts = ["app.example", "localhost:8080", "127.0.0.1", "APP.example:443"]

  const segment = fc.constantFrom("denied", "a", "..", ".", "", "%64enied", "%2e%2e", "a%2", "{", "'", "@", ":", "é".normalize("NFD"))
  const path = fc.array(segment, { maxLength: 3 }).map((segments) => `/${segments.join("/")}`)
  const tail = fc.constantFrom("", "?", "?a=1", "#x", "?a#b", "#?")
  const within = fc
    .tuple(path, tail)
    .map(([path, tail]) => path + tail)
    // What the settings take for a path of this app.
    .filter((url) => /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(url))
  const redirect = fc.oneof(
    within,
    fc
      .tuple(fc.constantFrom("http", "https"), fc.constantFrom(...hosts, "elsewhere.example"), within)
      .map(([scheme, host, path]) => `${scheme}://${host}${path}`)
  )

  it("∀ redirect: followed by a browser, no path is visited twice", () => {
    fc.assert(
      fc.property(redirect, within, fc.constantFrom(...hosts), fc.constantFrom("http", "https"), (redirectUrl, start, host, scheme) => {
        const visited: Array<string> = []
        let url = new URL(start, `${scheme}://${host}`)
        // As a load balancer does that serves every name and port by this one app.
        while (visited.length < 5) {
          const place = `${url.host}${url.pathname}`
          expect(visited).not.toContain(place)
          visited.push(place)
          const request = { method: "GET", target: url.pathname + url.search, headers: { host: url.host, "sec-fetch-mode": "navigate" } }
          const answer = Decision.fail(refused, request, { redirectUrl, refusalPage: builtInPage }, "negotiate")
          if (answer._tag === "Refuse") {
            expect(answer.status).toBe(401)
            return
          }
          url = new URL(String(answer.headers["location"]), url)
        }
        expect.unreachable()
      }),
      { numRuns: runs(600) }
    )
  })

  it("∀ target, redirect and host, whatever they are: a verdict, never a throw", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), within),
        redirect,
        fc.oneof(fc.string(), fc.constantFrom(...hosts)),
        (target, redirectUrl, host) => {
          expect(typeof isAt(target, redirectUrl, { host })).toBe("boolean")
        }
      ),
      { numRuns: runs(600) }
    )
  })
})
