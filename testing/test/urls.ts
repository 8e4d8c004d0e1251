/**
 * Arbitraries of paths, queries and URLs (RFC 3986), as fast-check has them; but its own fill a map of all 1.1 million characters, which
 * takes a second and 120 MB of each worker.
 */
import * as fc from "fast-check"
import { scalarValue } from "../src/arbitraries/scalarValue.ts"

const letters = "abcdefghijklmnopqrstuvwxyz"
const unreserved = `${letters}${letters.toUpperCase()}0123456789-._~`

/** A string of these characters, and of others encoded. */
const encoded = (characters: string): fc.Arbitrary<string> =>
  fc.string({
    unit: fc.oneof(
      { weight: 10, arbitrary: fc.constantFrom(...unreserved, ...characters) },
      { weight: 1, arbitrary: scalarValue.map(encodeURIComponent) }
    )
  })

/** None, or segments that each follow a slash, empty ones among them. */
export const webPath: fc.Arbitrary<string> = fc
  .array(encoded("!$&'()*+,;=:@"))
  .map((segments) => segments.map((segment) => `/${segment}`).join(""))

/** What follows a question mark, or a number sign. */
export const webQuery: fc.Arbitrary<string> = encoded("!$&'()*+,;=:@/?")

/** With user information, a port, a query and a fragment, and without each. */
export const webUrl: fc.Arbitrary<string> = fc
  .record({
    scheme: fc.constantFrom("http", "https"),
    user: fc.option(encoded("!$&'()*+,;=:")),
    host: fc.domain(),
    port: fc.option(fc.nat(65_535)),
    path: webPath,
    query: fc.option(webQuery),
    fragment: fc.option(webQuery)
  })
  .map(({ scheme, user, host, port, path, query, fragment }) => {
    const authority = `${user === null ? "" : `${user}@`}${host}${port === null ? "" : `:${port}`}`
    return `${scheme}://${authority}${path}${query === null ? "" : `?${query}`}${fragment === null ? "" : `#${fragment}`}`
  })
