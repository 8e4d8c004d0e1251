/** The last requests that came to the load balancer, and why each was answered as it was. */
import type { IncomingMessage } from "node:http"

/** One request. */
export interface RecentRequest {
  /** When it came: milliseconds since 1970. */
  readonly at: number
  readonly method: string
  /** Without the query, which may hold what is nobody's business. */
  readonly path: string
  /** The e-mail of who was signed in. */
  readonly user: string | undefined
  /** The status of the answer; `undefined`: there is none yet, or the client left before it. */
  readonly status: number | undefined
  /** Who answered. */
  readonly by: "app" | "load balancer" | undefined
  /** The `error` of the app's refusal, where it was redirected to, or why the load balancer answered by itself. */
  readonly reason: string | undefined
}

export type Entry = { -readonly [Field in keyof RecentRequest]: RecentRequest[Field] }

export interface RequestLog {
  /** Notes that a request has come. What becomes of it is written into the entry. */
  readonly begin: (request: IncomingMessage, at: number) => Entry
  /** The newest first. */
  readonly recent: () => ReadonlyArray<RecentRequest>
}

const length = 50

export const makeRequestLog = (): RequestLog => {
  const entries: Array<Entry> = []
  return {
    begin: ({ method = "", url = "" }, at) => {
      const path = url.split("?")[0]?.slice(0, 200) ?? ""
      const entry: Entry = { at, method, path, user: undefined, status: undefined, by: undefined, reason: undefined }
      entries.unshift(entry)
      entries.length = Math.min(entries.length, length)
      return entry
    },
    recent: () => entries.map((entry) => ({ ...entry }))
  }
}

/** A problem document is a few hundred bytes, the page of a refusal some 1,500. */
const longest = 4_096

/** Notes what the app answers; of a refusal by cognito-auth, with its error. */
export const noteAnswer = (entry: Entry, answered: IncomingMessage): void => {
  const { statusCode, headers } = answered
  Object.assign(entry, {
    status: statusCode,
    by: "app",
    reason: headers.location === undefined ? undefined : `to ${headers.location.slice(0, 200)}`
  })
  const type = headers["content-type"] ?? ""
  const read = type.startsWith("application/problem+json") ? errorOf : type.startsWith("text/html") ? errorOnPage : undefined
  if (read === undefined || statusCode === undefined || statusCode < 400) return
  let text = ""
  answered.on("data", (chunk: Buffer) => {
    if (text.length < longest) text += chunk.toString("latin1")
  })
  answered.on("end", () => {
    entry.reason = read(text)
  })
}

/** As the page of a refusal tells it, for whoever asks for help: status and error. */
const errorOnPage = (html: string): string | undefined => /\b(?:401|403|503) ([A-Z][A-Za-z]{1,40})\./.exec(html)?.[1]

const errorOf = (json: string): string | undefined => {
  try {
    const { error, check, title } = JSON.parse(json) as Readonly<Record<string, unknown>>
    return typeof error === "string" ? [error, check].filter((each) => typeof each === "string").join(", ") : String(title)
  } catch {
    return undefined
  }
}
