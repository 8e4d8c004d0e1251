import fc from "fast-check"
import { expect, it } from "vitest"
import { runs } from "../../../testing/test/runs.ts"
import { decodedLength } from "../../src/token/decodedLength.ts"

it("∀ string, of any length: the number of bytes that Node decodes it to", () => {
  const piece = fc.oneof(fc.string(), fc.string({ unit: "binary" }), fc.base64String(), fc.constantFrom("=", "-_", "+/", "é", "\u0141"))
  const times = fc.oneof(fc.nat(50), fc.integer({ min: 16_000, max: 22_000 }))
  fc.assert(
    fc.property(piece, times, (piece, times) => {
      const text = piece.repeat(Math.ceil(times / Math.max(piece.length, 1)))
      expect(decodedLength(text)).toBe(Buffer.from(text, "base64url").length)
    }),
    { numRuns: runs(300) }
  )
})
