import { HeaderMissing, NotAuthorised } from "@cognito-auth/core"
import { describe, expect, it } from "vitest"
import { makeRefusalLog } from "../../src/events/RefusalLog.ts"

const missing = new HeaderMissing({ header: "x-amzn-oidc-data", check: "presence", expected: "the header", message: "It is missing." })
const forbidden = new NotAuthorised({ required: "a member of staff", message: "Not allowed." })
const start = 1_800_000_000_000

const open = () => {
  const lines: Array<string> = []
  return { lines, log: makeRefusalLog((line) => lines.push(line)) }
}

describe("the log of refusals", () => {
  it("has the first of a kind at once, with its reason", () => {
    const { lines, log } = open()
    log(missing, start)
    expect(lines).toEqual(["cognito-auth: HeaderMissing: It is missing."])
  })

  it("counts the others for ten seconds, and says with the next line how many there were", () => {
    const { lines, log } = open()
    for (const later of [0, 1, 9_999]) log(missing, start + later)
    expect(lines).toHaveLength(1)
    log(missing, start + 10_000)
    expect(lines[1]).toBe("cognito-auth: HeaderMissing: It is missing. (and 2 more since the last such line)")
    log(missing, start + 20_000)
    expect(lines[2]).toBe(lines[0])
  })

  it("has a line for each kind", () => {
    const { lines, log } = open()
    log(missing, start)
    log(forbidden, start)
    expect(lines).toHaveLength(2)
    expect(lines[1]).toContain("NotAuthorised")
  })

  it("goes on where the clock is set back", () => {
    const { lines, log } = open()
    log(missing, start)
    log(missing, start - 9_999)
    expect(lines).toHaveLength(1)
    log(missing, start - 10_000)
    expect(lines).toHaveLength(2)
  })
})
