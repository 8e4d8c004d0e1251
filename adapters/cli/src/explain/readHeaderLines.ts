/** Header lines → requests: what `curl -v` printed, or the head of an HTTP request as it stands. */
import { type ReadRequest, toFields } from "./ReadRequest.ts"

// RFC 9112 §3: method, target, version.
const requestLine = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) (\S+) HTTP\/[\d.]+$/
// RFC 9110 §5.1: a token.
const fieldName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

/**
 * The requests in a text. In the output of `curl -v` only lines that begin with `>` count, which is what was sent. Without
 * any, every line counts; those before the first request line are a request of their own.
 */
export const readHeaderLines = (text: string): ReadonlyArray<ReadRequest> => {
  const lines = text.split(/\r?\n/)
  const sent = lines.filter((line) => line.startsWith("> ")).map((line) => line.slice(2))
  const requests: Array<{ method: string; target: string; pairs: Array<readonly [string, string]> }> = []
  for (const line of sent.length > 0 ? sent : lines) {
    const [, method, target] = requestLine.exec(line) ?? []
    if (method !== undefined && target !== undefined) {
      requests.push({ method, target, pairs: [] })
      continue
    }
    const colon = line.indexOf(":")
    const name = line.slice(0, Math.max(0, colon))
    if (!fieldName.test(name)) continue
    if (requests.length === 0) requests.push({ method: "GET", target: "/", pairs: [] })
    requests.at(-1)?.pairs.push([name, withoutSpace(line.slice(colon + 1))])
  }
  return requests.map(({ method, target, pairs }) => ({ method, target, headers: toFields(pairs), sentAt: undefined, id: undefined }))
}

/**
 * RFC 9110 §5.5: a value without the spaces and tabs around it. In time linear in its length, which a regular expression's is not: it begins
 * anew at each space of a run that does not end the line.
 */
const withoutSpace = (value: string): string => {
  let start = 0
  let end = value.length
  while (start < end && isSpace(value.charCodeAt(start))) start++
  while (end > start && isSpace(value.charCodeAt(end - 1))) end--
  return value.slice(start, end)
}
const isSpace = (code: number): boolean => code === 0x20 || code === 0x09
