import { setImmediate } from "node:timers/promises"
import { describe, expect, it } from "vitest"
import { makeFreeMemory } from "../src/upstream/freeMemory.ts"

const kibibyte = 1024

/** Frees once it can: on Node 20 a port has to close first, in its turns of the event loop. */
const start = async () => {
  const free = makeFreeMemory()
  for (;;) {
    const chunk = Buffer.allocUnsafeSlow(64 * kibibyte)
    free(chunk)
    if (chunk.length === 0) return free
    await setImmediate()
  }
}

describe("the memory of a chunk", () => {
  it("is freed, and the chunk is empty for all code that still holds it", async () => {
    const free = await start()
    const chunk = Buffer.allocUnsafeSlow(64 * kibibyte)
    free(chunk)
    expect([chunk.length, chunk.buffer.byteLength]).toEqual([0, 0])
  })

  it("is kept where it is part of more, or too small to be worth it", async () => {
    const free = await start()
    const part = Buffer.allocUnsafeSlow(64 * kibibyte).subarray(0, 32 * kibibyte)
    const small = Buffer.allocUnsafeSlow(kibibyte)
    for (const chunk of [part, small]) free(chunk)
    expect([part.length, small.length]).toEqual([32 * kibibyte, kibibyte])
  })

  it("does not pile up until garbage is collected: 1 GiB of chunks takes no more than a few of them", async () => {
    const free = await start()
    const before = process.memoryUsage.rss()
    for (let i = 0; i < 16 * kibibyte; i++) free(Buffer.allocUnsafeSlow(64 * kibibyte).fill(1))
    expect(process.memoryUsage.rss() - before).toBeLessThan(64 * kibibyte * kibibyte)
  })
})
