import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { runs } from "../../../testing/test/runs.ts"
import { readingsOf } from "../src/target/readings.ts"
import { mayBeReadAsUnder, routeTarget } from "../src/target/Target.ts"

const outcome = (target: string) => {
  const routed = routeTarget(target, "", "")
  return routed._tag === "Forward" ? routed.target : routed._tag
}
/** As Node has a target: a character for each byte. */
const bytes = (text: string): string => Buffer.from(text).toString("latin1")

/** Changes that some server undoes when it reads a path. */
const disguises: ReadonlyArray<(path: string) => string> = [
  (path) => path.replace(/[a-z]/, (letter) => `%${letter.charCodeAt(0).toString(16)}`),
  (path) => path.replace("%", "%25"),
  (path) => path.replace(/[a-z]+/g, (letters) => letters.toUpperCase()),
  (path) => path.replace("/", "//"),
  (path) => path.replace("/", "\\"),
  (path) => path.replace("/", "/;x=1/"),
  (path) => `${path}/`,
  (path) => `${path}/below`,
  (path) => `${path};v=1`,
  (path) => `${path}%3bv=1`,
  (path) => `${path}%23x`,
  (path) => `${path}%3fx`,
  (path) => `${path}%3Fx/y`,
  (path) => `${path}%20`,
  (path) => `${path}.`,
  (path) => `${path}%20/x`,
  (path) => `${path}.. .`.replace(" ", "%20"),
  (path) => `${path}%2fx`,
  (path) => `${path}%5cx`,
  (path) => path.replace("a", bytes("\uff41")),
  (path) => path.replace("a", "%EF%BD%81"),
  (path) => `${path}?x=/public`
]

describe("a path rule", () => {
  it("∀ disguises, one on another: /admin and what is below it are still read as such", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...disguises), { maxLength: 3 }), (chosen) => {
        const target = chosen.reduce((path, disguise) => disguise(path), "/admin")
        expect([target, outcome(target) === "Refuse" || mayBeReadAsUnder(target, "/admin")]).toEqual([target, true])
      }),
      { numRuns: runs(1_000) }
    )
  })

  it("does not mean its neighbours", () => {
    for (const target of ["/administrator", "/x/admin", "/", "/adm%69nistrator", "/?/admin", "/%23/admin", "/x%3f/admin"]) {
      expect([target, mayBeReadAsUnder(target, "/admin")]).toEqual([target, false])
    }
  })
})

describe("a target", () => {
  it.each(["/My%20file", "/C%23", "/a%3fb", "/%C3%A9", "/a;b=c", "/a//b", "/a.", "/%25", bytes("/é"), "/a%2Fb?x=%00#".slice(0, -1)])(
    "%s goes on unchanged",
    (target) => expect(outcome(target)).toBe(target)
  )

  it.each([
    "x",
    "*",
    "http://a/b",
    "/..",
    "/a/../b",
    "/a/%2e%2e/b",
    "/%252e%252e/",
    "/a\\..\\b",
    "/..;/b",
    "/%EF%BC%8E%EF%BC%8E/",
    "/.%20/",
    "/a%00",
    "/a%250a"
  ])("%s is refused: it leads elsewhere, or some servers cut it", (target) => expect(outcome(target)).toBe("Refuse"))
})

// Of a million bytes, quadratic work takes minutes: longer than a test may.
describe("the work to read a path", () => {
  it.each([
    "%20",
    "%09",
    "%2520",
    " ",
    "%20/",
    "%",
    "%ff",
    "/",
    "//",
    "\\",
    ";",
    ";/",
    ".",
    "./",
    "%2e",
    "%25",
    "\xcc\x96\xcc\x80",
    "%CC%96%CC%80",
    "%23",
    "?"
  ])("grows in proportion to a run of %j", (unit) => {
    const length = 1_000_000
    expect(readingsOf(`/${unit.repeat(length / unit.length)}x`).length).toBeGreaterThan(0)
  })
})
