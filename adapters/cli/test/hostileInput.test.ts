import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { runs } from "../../../testing/test/runs.ts"
import { readHeaderLines } from "../src/explain/readHeaderLines.ts"
import { jsonLine } from "../src/terminal/jsonLine.ts"

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
      fc.property(fc.array(fc.oneof(heeded, fc.string({ unit: "binary" }))), (parts) => {
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

  it("are read in time that grows in proportion to a run of spaces", () => {
    const cost = (spaces: number): number => {
      const text = `x-a: a${" ".repeat(spaces)}b`
      const times = Array.from({ length: 25 }, () => {
        const begin = process.hrtime.bigint()
        readHeaderLines(text)
        return Number(process.hrtime.bigint() - begin)
      })
      return Math.min(...times)
    }
    cost(5_000)
    // Sixteen times the length; four times that for what else the machine does. Quadratic work would be 256 times.
    // Noise comes and goes; quadratic work is there each time.
    const ratios = Array.from({ length: 5 }, () => cost(80_000) / cost(5_000))
    expect(Math.min(...ratios)).toBeLessThan(64)
  })
})
