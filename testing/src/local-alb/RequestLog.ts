/** The last requests to the load balancer, with the reason for each response. */
import type { IncomingMessage } from "node:http"

/** One request. */
export interface RecentRequest {
  /** The time of its arrival: milliseconds since 1970. */
  readonly at: number
  readonly method: string
  /** Without the query, which may hold secrets. */
  readonly path: string
  /** The e-mail of the signed-in user. */
  readonly user: string | undefined
  /** The status of the response; `undefined`: there is none yet, or the client disconnected before it. */
  readonly status: number | undefined
  /** Who responded. */
  readonly by: "app" | "load balancer" | undefined
  /** The `error` of the app's refusal, the redirect's target, or why the load balancer responded itself. */
  readonly reason: string | undefined
}

export type Entry = { -readonly [Field in keyof RecentRequest]: RecentRequest[Field] }

export interface RequestLog {
  /** Records a new request. Its outcome is written into the entry later. */
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

/** A problem document is a few hundred bytes, the refusal page some 1,500. */
const longest = 4_096

/** Records the app's response; a refusal by cognito-auth with its error. */
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

/** The status and error that the refusal page shows. */
const errorOnPage = (html: string): string | undefined => /\b(?:401|403|503) ([A-Z][A-Za-z]{1,40})\./.exec(html)?.[1]

const errorOf = (json: string): string | undefined => {
  try {
    const { error, check, title } = JSON.parse(json) as Readonly<Record<string, unknown>>
    return typeof error === "string" ? [error, check].filter((each) => typeof each === "string").join(", ") : String(title)
  } catch {
    return undefined
  }
}
