import { createServer } from "node:http"
import { serverOptions, serverWarning } from "@cognito-auth/core/ServerOptions"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { runs } from "../../../testing/test/runs.ts"

const bytes = fc.oneof(fc.constantFrom(undefined, 16_384, 65_535, 65_536, 65_537), fc.nat(200_000))
const millis = fc.oneof(fc.constantFrom(undefined, 0, 1, 5_000, 60_000, 60_001, 75_000), fc.nat(200_000))

describe("serverWarning", () => {
  it("∀ server: it warns exactly where headers below 64 KiB, or idle connections of a minute or less, are the limit", () => {
    fc.assert(
      fc.property(bytes, millis, (maxHeaderSize, keepAliveTimeout) => {
        const isSmall = maxHeaderSize !== undefined && maxHeaderSize < 65_536
        const isShort = keepAliveTimeout !== undefined && keepAliveTimeout >= 1 && keepAliveTimeout <= 60_000
        const said = serverWarning({ maxHeaderSize, keepAliveTimeout }) ?? ""
        expect([/ 431 /.test(said), / 502\./.test(said)]).toEqual([isSmall, isShort])
        expect([said.includes("serverOptions"), said.includes("\n")]).toEqual([isSmall || isShort, false])
      }),
      { numRuns: runs(100) }
    )
  })

  it("accepts a server with serverOptions, and warns of Node's defaults", () => {
    const defaults = createServer()
    expect(serverWarning(serverOptions)).toBeUndefined()
    expect(serverWarning({ maxHeaderSize: 16_384, keepAliveTimeout: defaults.keepAliveTimeout })).toMatch(/16384 bytes.*431.*5000 ms.*502/)
  })
})

it("serverOptions are what Node takes, and give a new connection longer than an idle one", () => {
  const server = createServer(serverOptions)
  expect([server.keepAliveTimeout, server.headersTimeout]).toEqual([75_000, 80_000])
  expect(server.headersTimeout).toBeGreaterThan(server.keepAliveTimeout)
})
