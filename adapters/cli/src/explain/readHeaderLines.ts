/** Header lines → requests: what `curl -v` printed, or the head of an HTTP request as it stands. */
import { type ReadRequest, toFields } from "./ReadRequest.ts"

// RFC 9112 §3: method, target, version.
const requestLine = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) (\S+) HTTP\/[\d.]+$/
// RFC 9110 §5.1, §5.5: a token, a colon, the value without the white space around it.
const headerLine = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/

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
    const [, name, value] = headerLine.exec(line) ?? []
    if (name === undefined || value === undefined) continue
    if (requests.length === 0) requests.push({ method: "GET", target: "/", pairs: [] })
    requests.at(-1)?.pairs.push([name, value])
  }
  return requests.map(({ method, target, pairs }) => ({ method, target, headers: toFields(pairs), sentAt: undefined, id: undefined }))
}
