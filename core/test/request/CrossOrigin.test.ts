import { readBypass } from "@cognito-auth/core/Bypass"
import { makeCrossOrigin } from "@cognito-auth/core/CrossOrigin"
import type { AuthRequest, HeaderFields } from "@cognito-auth/core/Request"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { runs } from "../../../testing/test/runs.ts"
import { successOf } from "../outcome.ts"

const host = "app.example.com"
const portal = "https://portal.example.com"
const crossOrigin = makeCrossOrigin(new Set([portal, "http://localhost:5173"]))
const hooks = successOf(readBypass(["/webhook"], "crossOrigin.allow"))
const none = successOf(readBypass([]))

type Lines = ReadonlyArray<readonly [name: string, value: string]>

/** What a framework may make of header lines. */
const forms: Readonly<Record<string, (lines: Lines) => HeaderFields>> = {
  joined: (lines) => {
    const fields: Record<string, string> = {}
    for (const [name, value] of lines) fields[name] = name in fields ? `${fields[name]}, ${value}` : value
    return fields
  },
  lists: (lines) => {
    const fields: Record<string, Array<string>> = {}
    for (const [name, value] of lines) fields[name] = [...(fields[name] ?? []), value]
    return fields
  },
  cases: (lines) => {
    // The field upgrade is looked for as frameworks have it.
    const spellings = (name: string) => [name, name.toUpperCase(), name.replace(/^./, (first) => first.toUpperCase())]
    const fields: Record<string, string | Array<string>> = {}
    for (const [name, value] of lines) {
      const free = name === "upgrade" ? name : (spellings(name).find((each) => !(each in fields)) ?? name)
      fields[free] = free in fields ? [fields[free] ?? [], value].flat() : value
    }
    return fields
  },
  fetch: (lines) => new Headers(lines.filter(([name]) => !name.startsWith(":")).map(([name, value]) => [name, value]))
}

/** Go's `http.CrossOriginProtection.Check`, by its documentation; and upgrades, which it does not know. */
const isRefusedByGo = (method: string, lines: Lines, upgrade: boolean, isExempt: (origin: string) => boolean): boolean => {
  const fieldOf = (name: string): string => {
    const values = lines.flatMap(([other, value]) => (other === name ? [value] : []))
    return values.length > 1 ? "sent more than once" : (values[0] ?? "")
  }
  const [site, origin] = [fieldOf("sec-fetch-site"), fieldOf("origin")]
  const isHandshake = upgrade || lines.some(([name]) => name === "upgrade")
  // "The GET, HEAD, and OPTIONS methods are safe methods and are always allowed."
  if (["GET", "HEAD", "OPTIONS"].includes(method) && !isHandshake) return false
  // "Cross-origin requests are currently detected with the Sec-Fetch-Site header, available in all browsers since 2023, …"
  const saysFetch = site === "" ? undefined : !["same-origin", "none"].includes(site)
  // "… or by comparing the hostname of the Origin header with the Host header."
  const [, originHost] = /^https?:\/\/([^/]+)$/.exec(origin) ?? []
  const saysOrigin = origin === "" ? undefined : originHost === undefined || originHost !== (fieldOf("host") || fieldOf(":authority"))
  // "Requests without Sec-Fetch-Site or Origin headers are currently assumed to be either same-origin or non-browser requests, and are allowed."
  const isCrossOrigin = isHandshake ? saysFetch === true || saysOrigin === true : (saysFetch ?? saysOrigin ?? false)
  return isCrossOrigin && !isExempt(origin)
}

const ownOrigins = [`https://${host}`, `http://${host}`, `https://${host}:8443`]
const attackers = [
  "null",
  "https://evil.example",
  `https://${host}.evil.example`,
  `https://evil.example/${host}`,
  `https://evil.example#${host}`,
  `https://evil.example?${host}`,
  `https://evil.example\\${host}`,
  `https://evil@${host}`,
  `https://${host}@evil.example`,
  `https://${host}:443`,
  `https://${host}:80`,
  `http://${host}:8443`,
  `https://${host}.`,
  `https://${host}/`,
  `https://${host}/x`,
  "https://APP.example.com",
  `HTTPS://${host}`,
  `https:${host}`,
  `https:/${host}`,
  `https:///${host}`,
  `https//${host}`,
  `//${host}`,
  host,
  `ws://${host}`,
  `wss://${host}`,
  `ftp://${host}`,
  `chrome-extension://${host}`,
  `file://${host}`,
  `blob:https://${host}`,
  `https://${host}, https://evil.example`,
  `https://evil.example, https://${host}`,
  `https://evil.example https://${host}`,
  `https://sub.${host}`,
  "https://example.com",
  "https://app.example.co",
  "https://pp.example.com",
  "https://xn--pp-9kc.example.com",
  "https://\u00e0pp.example.com",
  "https://[::1]",
  "https://[::1]:8443",
  "https://127.0.0.1",
  "https://",
  "http://",
  "https",
  "*",
  `${portal}.evil.example`,
  `${portal}/`,
  `${portal}:443`,
  `${portal}, ${portal}`,
  "https://PORTAL.example.com",
  "http://portal.example.com",
  "http://localhost",
  "https://localhost:5173",
  "http://localhost:51730"
]

const sites = ["", "same-origin", "none", "same-site", "cross-site", "Same-Origin", "NONE", "same-origin, same-origin", "none, none", "x"]
const methods = [
  "GET",
  "HEAD",
  "OPTIONS",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "TRACE",
  "CONNECT",
  "QUERY",
  "get",
  "Head",
  "options",
  "post",
  ""
]

const post = (lines: Lines, method = "POST"): AuthRequest => ({ method, target: "/orders", headers: Object.fromEntries(lines) })
const refusedBy = (request: AuthRequest) => crossOrigin.refuse(request, none)?.field

describe("a request from another origin", () => {
  it("∀ method × Sec-Fetch-Site × Origin × Host × upgrade, however they are spelt and handed on: it is refused where Go's rule refuses it", () => {
    const times = (name: string, value: fc.Arbitrary<string>): fc.Arbitrary<Lines> =>
      fc
        .oneof(
          { weight: 8, arbitrary: fc.array(value, { maxLength: 1 }) },
          { weight: 1, arbitrary: fc.array(value, { minLength: 2, maxLength: 3 }) }
        )
        .map((values) => values.map((each) => [name, each] as const))
    const origin = fc.oneof(
      fc.constantFrom(...ownOrigins, portal, "http://localhost:5173", ""),
      fc.constantFrom(...attackers),
      fc.stringMatching(/^https?:\/\/[!-~]{0,12}$/)
    )
    const hosts = fc.constantFrom(host, `${host}:8443`, `${host}:443`, "APP.example.com", "evil.example", "[::1]:8443", "")
    const upgradeField: fc.Arbitrary<Lines> = fc.constantFrom<Lines>([], [], [["upgrade", "websocket"]], [["upgrade", "h2c"]])
    const authority = fc.oneof({ weight: 3, arbitrary: fc.constant<Lines>([]) }, times(":authority", hosts))
    fc.assert(
      fc.property(
        fc.constantFrom(...methods),
        fc.tuple(times("sec-fetch-site", fc.constantFrom(...sites)), times("origin", origin), times("host", hosts), upgradeField),
        authority,
        fc.constantFrom(undefined, false, true),
        fc.constantFrom("/orders", "/webhook", "/webhook/?x=1", "/webhook/x", "//webhook", "/Webhook"),
        fc.constantFrom(...Object.keys(forms)),
        (method, groups, authorityLines, upgrade, target, form) => {
          // Fetch has no pseudo-headers.
          const lines = [...groups.flat(), ...(form === "fetch" ? [] : authorityLines)]
          const headers = forms[form]?.(lines) ?? {}
          const request = { method, target, headers, ...(upgrade === undefined ? {} : { upgrade }) }
          const isHook = ["/webhook", "/webhook/?x=1"].includes(target)
          const isAllowed = (sent: string) => sent === portal || sent === "http://localhost:5173"
          const expected = isRefusedByGo(method, lines, upgrade === true, (sent) => isHook || isAllowed(sent))
          expect(crossOrigin.refuse(request, hooks) !== undefined).toBe(expected)
        }
      ),
      { numRuns: runs(4_000) }
    )
  })

  it("∀ requests without Sec-Fetch-Site and Origin: they are no browser's, and pass", () => {
    const name = fc.oneof(
      fc.constantFrom(
        "host",
        "referer",
        "cookie",
        "x-forwarded-host",
        "sec-fetch-mode",
        "sec-fetch-dest",
        "upgrade",
        "origins",
        "x-origin"
      ),
      fc.stringMatching(/^[a-z-]{1,14}$/).filter((each) => each !== "origin" && each !== "sec-fetch-site")
    )
    fc.assert(
      fc.property(
        fc.constantFrom(...methods),
        fc.dictionary(name, fc.oneof(fc.string(), fc.array(fc.string()), fc.constant(undefined))),
        fc.boolean(),
        (method, headers, upgrade) => {
          expect(crossOrigin.refuse({ method, target: "/", headers, upgrade }, none)).toBeUndefined()
          expect(crossOrigin.refuseAnyMethod({ method, target: "/", headers, upgrade })).toBeUndefined()
        }
      ),
      { numRuns: runs(500) }
    )
  })

  it("∀ headers, of whatever type: nothing is thrown", () => {
    const value = fc.oneof(fc.string(), fc.array(fc.anything()), fc.anything())
    const headers = fc.oneof(
      fc.record({ "sec-fetch-site": value, origin: value, host: value, upgrade: value }, { requiredKeys: [] }),
      fc.constantFrom(
        undefined,
        null,
        0,
        "origin",
        new Map<unknown, unknown>([
          [1, "x"],
          ["origin", "null"]
        ])
      )
    )
    fc.assert(
      fc.property(headers, fc.constantFrom("GET", "POST"), fc.boolean(), (each, method, upgrade) => {
        crossOrigin.refuse({ method, target: "/", headers: each as HeaderFields, upgrade }, none)
      }),
      { numRuns: runs(500) }
    )
  })

  it.each(["GET", "HEAD", "OPTIONS"])("is let through by %s, which asks for no effect", (method) => {
    expect(
      refusedBy(
        post(
          [
            ["sec-fetch-site", "cross-site"],
            ["origin", "https://evil.example"]
          ],
          method
        )
      )
    ).toBeUndefined()
  })

  it.each(["POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "QUERY", "get", "Head", "OPTIONS ", ""])("is refused by %j", (method) => {
    expect(refusedBy(post([["sec-fetch-site", "cross-site"]], method))).toBe("sec-fetch-site")
  })

  it.each(["same-origin", "none"])("is none where Sec-Fetch-Site is %s, whatever its Origin", (site) => {
    expect(
      refusedBy(
        post([
          ["sec-fetch-site", site],
          ["origin", "https://evil.example"],
          ["host", host]
        ])
      )
    ).toBeUndefined()
    expect(refusedBy(post([["sec-fetch-site", site]]))).toBeUndefined()
  })

  it.each(["same-site", "cross-site", "Same-Origin", " same-origin", "same-origin;", "same-origin, none", "same", "\u0000"])(
    "is one where Sec-Fetch-Site is %j, even if its Origin is the app's",
    (site) => {
      expect(
        refusedBy(
          post([
            ["sec-fetch-site", site],
            ["origin", `https://${host}`],
            ["host", host]
          ])
        )
      ).toBe("sec-fetch-site")
    }
  )

  it.each(attackers)("of an older browser is refused, with the Origin %j", (origin) => {
    expect(
      refusedBy(
        post([
          ["origin", origin],
          ["host", host]
        ])
      )
    ).toBe("origin")
  })

  it.each([
    [`https://${host}`, host],
    [`http://${host}`, host],
    [`https://${host}:8443`, `${host}:8443`],
    ["http://127.0.0.1:3000", "127.0.0.1:3000"],
    ["http://[::1]:3000", "[::1]:3000"],
    ["https://xn--mnchen-3ya.example", "xn--mnchen-3ya.example"]
  ])("is none in an older browser where the Origin %s is of the Host %s", (origin, sent) => {
    expect(
      refusedBy(
        post([
          ["origin", origin],
          ["host", sent]
        ])
      )
    ).toBeUndefined()
    expect(
      refusedBy(
        post([
          ["origin", origin],
          [":authority", sent]
        ])
      )
    ).toBeUndefined()
    expect(
      refusedBy(
        post([
          ["origin", origin],
          ["host", `${sent}0`],
          [":authority", sent]
        ])
      )
    ).toBe("origin")
  })

  it("is refused where there is an Origin, and no Host to compare it with", () => {
    for (const origin of [`https://${host}`, "https://", "http://", "https://undefined"]) {
      expect(refusedBy(post([["origin", origin]]))).toBe("origin")
      expect(
        refusedBy(
          post([
            ["origin", origin],
            ["host", ""]
          ])
        )
      ).toBe("origin")
    }
  })

  it("is refused where a field was sent twice, though each of its values would pass", () => {
    const twice = (headers: object) => crossOrigin.refuse({ method: "POST", target: "/", headers: headers as HeaderFields }, none)?.field
    expect(twice({ "sec-fetch-site": ["same-origin", "same-origin"] })).toBe("sec-fetch-site")
    expect(twice({ "sec-fetch-site": "same-origin", "Sec-Fetch-Site": "none" })).toBe("sec-fetch-site")
    expect(twice({ origin: [portal, portal] })).toBe("origin")
    expect(twice({ origin: `https://${host}`, host: [host, host] })).toBe("origin")
    expect(twice({ origin: 1, host: "1" })).toBe("origin")
    // One value in a list is one value, as a load balancer's event has it.
    expect(twice({ "sec-fetch-site": ["same-origin"] })).toBeUndefined()
    expect(twice({ ORIGIN: [`https://${host}`], Host: [host] })).toBeUndefined()
    expect(twice({ origin: [], "sec-fetch-site": [""], host })).toBeUndefined()
    expect(twice({ origin: null, "sec-fetch-site": [null, undefined], host })).toBeUndefined()
    expect(twice({ origin: `https://${host}`, host: "", ":authority": host })).toBeUndefined()
    // Own fields only, as with tokens.
    expect(twice(Object.create({ "sec-fetch-site": "cross-site" }))).toBeUndefined()
  })

  it("is let through where its Origin is allowed, exactly", () => {
    for (const site of ["same-site", "cross-site", undefined]) {
      const fields: Lines = site === undefined ? [] : [["sec-fetch-site", site]]
      expect(refusedBy(post([...fields, ["origin", portal], ["host", host]]))).toBeUndefined()
      expect(refusedBy(post([...fields, ["origin", "http://localhost:5173"], ["host", host]]))).toBeUndefined()
      for (const origin of [`${portal}.`, `${portal}:443`, `${portal}/`, "http://portal.example.com", portal.toUpperCase(), `${portal} `]) {
        expect(refusedBy(post([...fields, ["origin", origin], ["host", host]])), origin).toBeDefined()
      }
    }
    // Without a name for itself, it is nobody's: a form posted with `Referrer-Policy: no-referrer` has none.
    expect(
      refusedBy(
        post([
          ["sec-fetch-site", "cross-site"],
          ["host", host]
        ])
      )
    ).toBe("sec-fetch-site")
    expect(makeCrossOrigin(new Set([""])).refuse(post([["sec-fetch-site", "cross-site"]]), none)).toBeUndefined()
  })

  it("is let through on an allowed path, as it is spelt, and where the router goes by the same", () => {
    const at = (target: string, routedTarget?: string) =>
      crossOrigin.refuse(
        { ...post([["sec-fetch-site", "cross-site"]]), target, ...(routedTarget === undefined ? {} : { routedTarget }) },
        hooks
      )
    for (const target of ["/webhook", "/webhook/", "/webhook?x=/orders"]) expect(at(target), target).toBeUndefined()
    for (const target of ["/orders", "/webhook/x", "//webhook", "/%77ebhook", "/webhook;x", "/WEBHOOK", "/x/../webhook", ""]) {
      expect(at(target), target).toBeDefined()
    }
    expect(at("/webhook", "/webhook/")).toBeUndefined()
    expect(at("/webhook", "/orders")).toBeDefined()
  })

  it("is refused however long its fields are, in time linear in them", () => {
    const long = "a.".repeat(500_000)
    for (const [origin, sent] of [
      [`https://${long}`, `${long}b`],
      [`https://${long}, https://${long}`, long],
      [",".repeat(1_000_000), host],
      [`https://xn--${"a".repeat(1_000_000)}`, host]
    ] as const) {
      expect(
        refusedBy(
          post([
            ["origin", origin],
            ["host", sent]
          ])
        )
      ).toBe("origin")
      expect(
        refusedBy(
          post([
            ["sec-fetch-site", long],
            ["origin", origin],
            ["host", sent]
          ])
        )
      ).toBe("sec-fetch-site")
    }
    expect(
      refusedBy(
        post([
          ["origin", `https://${long}`],
          ["host", long]
        ])
      )
    ).toBeUndefined()
  })
})

describe("an upgrade", () => {
  const upgrade = (lines: Lines, flag?: boolean) =>
    refusedBy({ ...post(lines, "GET"), target: "/ws", ...(flag === undefined ? {} : { upgrade: flag }) })
  const own: Lines = [
    ["origin", `https://${host}`],
    ["host", host]
  ]
  const evil: Lines = [
    ["origin", "https://evil.example"],
    ["host", host]
  ]

  it("is refused by its Origin, and by its Sec-Fetch-Site: each suffices", () => {
    expect(upgrade(own, true)).toBeUndefined()
    expect(upgrade(evil, true)).toBe("origin")
    expect(upgrade([...own, ["sec-fetch-site", "same-origin"]], true)).toBeUndefined()
    expect(upgrade([...evil, ["sec-fetch-site", "same-origin"]], true)).toBe("origin")
    expect(upgrade([...evil, ["sec-fetch-site", "none"]], true)).toBe("origin")
    expect(upgrade([...own, ["sec-fetch-site", "same-site"]], true)).toBe("sec-fetch-site")
    expect(upgrade([["sec-fetch-site", "cross-site"]], true)).toBe("sec-fetch-site")
    expect(upgrade([["sec-fetch-site", "same-origin"]], true)).toBeUndefined()
  })

  it("is let through where its Origin is allowed", () => {
    expect(
      upgrade(
        [
          ["origin", portal],
          ["host", host],
          ["sec-fetch-site", "same-site"]
        ],
        true
      )
    ).toBeUndefined()
  })

  it("is one by its field too, whatever the adapter took it for; and none without either", () => {
    for (const flag of [undefined, false]) {
      expect(upgrade([...evil, ["upgrade", "websocket"]], flag)).toBe("origin")
      expect(upgrade(evil, flag)).toBeUndefined()
    }
    const request = (headers: HeaderFields) => ({ method: "GET", target: "/ws", headers })
    expect(refusedBy(request(new Headers([...evil.map((line) => [...line] as [string, string]), ["Upgrade", "websocket"]])))).toBe("origin")
    expect(refusedBy(request(new Headers(evil.map((line) => [...line] as [string, string]))))).toBeUndefined()
    expect(refusedBy(request({ ...Object.fromEntries(evil), upgrade: undefined }))).toBeUndefined()
  })
})

describe("what has an effect by every method", () => {
  it.each(["GET", "HEAD", "OPTIONS", "POST"])("is refused to another origin by %s", (method) => {
    expect(crossOrigin.refuseAnyMethod(post([["sec-fetch-site", "cross-site"]], method))?.field).toBe("sec-fetch-site")
    expect(
      crossOrigin.refuseAnyMethod(
        post(
          [
            ["origin", "null"],
            ["host", host]
          ],
          method
        )
      )?.field
    ).toBe("origin")
    expect(crossOrigin.refuseAnyMethod(post([["sec-fetch-site", "none"]], method))).toBeUndefined()
    expect(
      crossOrigin.refuseAnyMethod(
        post(
          [
            ["sec-fetch-site", "cross-site"],
            ["origin", portal]
          ],
          method
        )
      )
    ).toBeUndefined()
  })
})

describe("its error", () => {
  it("says which field, and the origins that are expected; nothing of what was sent", () => {
    const sent: Lines = [
      ["sec-fetch-site", "cross-site"],
      ["origin", "https://evil.example"],
      ["host", host]
    ]
    const error = crossOrigin.refuse(post(sent), none)
    expect(error).toMatchObject({
      _tag: "CrossOriginRefused",
      field: "sec-fetch-site",
      expected: `the app's own origin or ${portal} or http://localhost:5173`,
      message: `A page of another origin sent this request: its Sec-Fetch-Site is neither same-origin nor none. Expected the app's own origin or ${portal} or http://localhost:5173.`
    })
    expect(JSON.stringify(error)).not.toMatch(/evil|cross-site|app\.example/)
    expect(makeCrossOrigin(new Set()).refuse(post(sent.slice(1)), none)?.message).toBe(
      "A page of another origin sent this request: its Origin is not that of its Host. Expected the app's own origin."
    )
  })
})
