/**
 * What the upstream must see.
 *
 * @module
 */
import type { UpstreamCheck } from "../Case.ts"
import { fail, Mismatch } from "../Mismatch.ts"
import { type Framing, quote } from "../wire/Message.ts"
import type { UpstreamRequest } from "../wire/Upstream.ts"
import { type ExpectedFields, expectFields } from "./fields.ts"

export interface ExpectedRequest {
  readonly method?: string
  readonly target?: string
  readonly body?: string | Buffer
  readonly has?: ExpectedFields
  readonly framing?: Framing
  readonly trailers?: ExpectedFields
  /** Header lines that stand in the head to the byte, without their CRLF. */
  readonly lines?: ReadonlyArray<string>
}

export const expectRequest = ({ method, target, message }: UpstreamRequest, expected: ExpectedRequest): void => {
  if (expected.method !== undefined && method !== expected.method) fail(`upstream: the method is ${method}, expected ${expected.method}`)
  if (expected.target !== undefined && target !== expected.target)
    fail(`upstream: the target is ${quote(target)}, expected ${quote(expected.target)}`)
  if (!message.complete) fail("upstream: the request was not received whole")
  if (expected.body !== undefined && !Buffer.from(expected.body as string, "latin1").equals(message.body))
    fail(`upstream: the body is ${quote(message.body.toString("latin1"))}, expected ${quote(expected.body.toString("latin1"))}`)
  if (expected.framing !== undefined && message.framing !== expected.framing)
    fail(`upstream: the body's framing is ${message.framing}, expected ${expected.framing}`)
  for (const line of expected.lines ?? [])
    if (!message.head.includes(`\r\n${line}\r\n`)) fail(`upstream: the head has no line ${quote(line)}: ${JSON.stringify(message.head)}`)
  expectFields("upstream", message.fields, expected.has)
  expectFields("upstream's trailers", message.trailers, expected.trailers)
}

/** These requests, in their order, and no other. */
export const gets =
  (...expected: ReadonlyArray<ExpectedRequest>): UpstreamCheck =>
  ({ requests }) => {
    if (requests.length !== expected.length) {
      const received = requests.map(({ method, target }) => `${method} ${target}`).join(", ")
      fail(`upstream: received ${requests.length} requests (${quote(received)}), expected ${expected.length}`)
    }
    for (const [index, each] of expected.entries()) expectRequest(requests[index] as UpstreamRequest, each)
  }

/** Not a byte. */
export const getsNothing: UpstreamCheck = ({ requests, connections }) => {
  for (const { method, target } of requests) fail(`upstream: received ${method} ${quote(target)}, expected nothing`)
  for (const { wire } of connections) fail(`upstream: received ${quote(wire.received().toString("latin1"))}, expected nothing`)
}

/** Whichever of them holds. */
export const getsEither =
  (...checks: ReadonlyArray<UpstreamCheck>): UpstreamCheck =>
  async (upstream) => {
    const failures: Array<string> = []
    for (const check of checks) {
      try {
        return await check(upstream)
      } catch (error) {
        if (!(error instanceof Mismatch)) throw error
        failures.push(error.message)
      }
    }
    fail(failures.join("; and "))
  }

/** Perhaps the beginning of a request, but none to its end. */
export const neverWhole: UpstreamCheck = ({ requests }) => {
  for (const { method, target, message } of requests)
    if (message.complete) fail(`upstream: received ${method} ${quote(target)} whole, with ${quote(message.body.toString("latin1"))}`)
}
