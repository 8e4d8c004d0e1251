import { describe, expect, it } from "vitest"
import { hasColours, paintFor } from "../src/terminal.ts"

const terminal = { isTTY: true }

describe("colours", () => {
  it("are there at a terminal", () => {
    expect(hasColours(terminal, { TERM: "xterm-256color" })).toBe(true)
    expect(hasColours(terminal, { NO_COLOR: "" })).toBe(true)
  })

  it("are not there in a pipe, on a dumb terminal, and where NO_COLOR says so", () => {
    expect(hasColours({}, { TERM: "xterm-256color" })).toBe(false)
    expect(hasColours(terminal, { TERM: "dumb" })).toBe(false)
    expect(hasColours(terminal, { NO_COLOR: "1" })).toBe(false)
    expect(hasColours(terminal, { NO_COLOR: "1", FORCE_COLOR: "1" })).toBe(false)
    expect(hasColours(terminal, { FORCE_COLOR: "0" })).toBe(false)
  })

  it("are those that every terminal has, and each ends where its text ends", () => {
    const { good, bad, warn, dim, bold } = paintFor(terminal, { TERM: "xterm-256color" })
    expect([good, bad, warn, dim, bold].map((style) => style("text"))).toEqual([
      "\u001b[32mtext\u001b[39m",
      "\u001b[31mtext\u001b[39m",
      "\u001b[33mtext\u001b[39m",
      "\u001b[2mtext\u001b[22m",
      "\u001b[1mtext\u001b[22m"
    ])
  })

  it("are never the only distinction: without them the text is the same", () => {
    const plain = paintFor({})
    expect([plain.good("ok"), plain.bad("FAILED")]).toEqual(["ok", "FAILED"])
  })
})
