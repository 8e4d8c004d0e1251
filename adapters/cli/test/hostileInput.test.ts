import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { scalarValue } from "../../../testing/src/arbitraries/scalarValue.ts"
import { runs } from "../../../testing/test/runs.ts"
import { readHeaderLines } from "../src/explain/readRequests.ts"
import { jsonLine } from "../src/terminal.ts"

describe("a line of JSON", () => {
  it("∀ text: holds nothing that a terminal would heed, and is the same value to whoever reads it", () => {
    const heeded = fc.constantFrom(
      "\x1b",
      "\x07",
      "\x7f",
      "\x80",
      "\x9b",
      "\u00ad",
      "\u061c",
      "\u200b",
      "\u202e",
      "\u2066",
      "\u2028",
      "\ufeff",
      "\u{e0001}"
    )
    fc.assert(
      fc.property(fc.array(fc.oneof(heeded, fc.string({ unit: scalarValue }))), (parts) => {
        const value = { id: parts.join("") }
        const line = jsonLine(value)
        expect(line.slice(0, -1)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
        expect(JSON.parse(line)).toEqual(JSON.parse(JSON.stringify(value)))
      }),
      { numRuns: runs(100) }
    )
  })
})

describe("header lines", () => {
  it("∀ value: the white space around it is left out, what is within is kept", () => {
    const space = fc.string({ unit: fc.constantFrom(" ", "\t") })
    fc.assert(
      fc.property(space, fc.string({ unit: fc.constantFrom("a", " ", "\t", "b:") }), space, (before, value, after) => {
        const [request] = readHeaderLines(`x-a:${before}${value}${after}`)
        expect(request?.headers).toEqual({ "x-a": value.replace(/^[ \t]+/, "").replace(/[ \t]+$/, "") })
      }),
      { numRuns: runs(100) }
    )
  })

  // Quadratic work takes minutes: longer than a test may.
  it("are read at once, with two million spaces in a row", () => {
    const value = `a${" ".repeat(2_000_000)}b`
    expect(readHeaderLines(`x-a: ${value}`)).toMatchObject([{ headers: { "x-a": value } }])
  })
})
