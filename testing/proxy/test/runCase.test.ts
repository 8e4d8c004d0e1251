/** Who judges must find out who is careless: a subject that forwards every byte. */
import { once } from "node:events"
import { type AddressInfo, connect, createServer } from "node:net"
import { describe, expect, it, onTestFinished } from "vitest"
import { freePort } from "../../test/freePort.ts"
import type { Case } from "../src/Case.ts"
import { groups } from "../src/cases/index.ts"
import { runCase } from "../src/run/runCase.ts"
import type { Subject } from "../src/subjects/Subject.ts"

const address = "127.0.0.1"

/** Runs a row against the pipe; what it says of it, `undefined` for nothing. */
const judge = async (row: Case): Promise<string | undefined> => {
  const upstreamPort = await freePort()
  const pipe = createServer({ allowHalfOpen: true }, (client) => {
    const upstream = connect({ host: address, port: upstreamPort, allowHalfOpen: true })
    client.pipe(upstream).pipe(client)
    client.on("error", () => upstream.destroy())
    upstream.on("error", () => client.destroy())
  }).listen(0, address)
  await once(pipe, "listening")
  onTestFinished(() => void pipe.close())
  const { port } = pipe.address() as AddressInfo
  const running = { untilEnded: async () => "", shutDown: async () => undefined, kill: async () => undefined }
  const subject: Subject = { name: "nginx", auth: "", start: async () => running }
  const route = { port, upstreamPort, profile: "patient" } as const
  return runCase(row, { subject, running, address, route, longestMillis: 500 }).then(
    () => undefined,
    (error: Error) => error.message
  )
}

const rowOf = (name: string): Case => {
  const row = groups.flatMap(({ cases }) => cases).find((each) => each.name === name)
  if (row === undefined) throw new Error(`There is no case ${name}.`)
  return row
}

describe("A proxy that forwards every byte", () => {
  it.each([
    "A request with Transfer-Encoding and Content-Length is refused, or loses the Content-Length",
    "Two Content-Lengths that differ are refused",
    "A folded field is refused, or becomes one line",
    'A chunk size of "10000000000000004" is refused',
    "A target of /a#x is refused",
    "Two Hosts that differ are refused",
    'An answer of status "050" is 502',
    "A second answer in the same packet never reaches another request",
    "A body behind an answer to HEAD never reaches another request",
    "A field that Connection names is removed",
    'An offer of "h2c" is forwarded as a plain request',
    "A 101 that nobody asked for is 502"
  ])("fails: %s", async (name) => {
    expect(await judge(rowOf(name))).toMatch(/^(?:client|upstream|waited in vain|the next request)/)
  })

  it.each([
    "A body with a length is forwarded to the byte",
    "An answer in chunks is relayed to the byte",
    "A repeated field of an answer is relayed as often, in its order",
    "Bytes go both ways as they are"
  ])("passes: %s", async (name) => {
    expect(await judge(rowOf(name))).toBe(undefined)
  })
})
