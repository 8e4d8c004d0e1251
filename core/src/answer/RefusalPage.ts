/**
 * What a browser shows when a page load is refused: a page of plain HTML, with the status itself.
 *
 * @module
 */
import { createHash } from "node:crypto"
import type { AuthErrorTag, HttpMeaning } from "../errors/AuthError.ts"

/** What a page is written from. All of it is safe to show to anybody: nothing is from the request, nothing about the user. */
export interface Refusal {
  readonly status: HttpMeaning["status"]
  /** What happened, in a few words. */
  readonly title: string
  /** Why, as in the log: for people who ask for help to quote. */
  readonly error: AuthErrorTag
  /**
   * Whether it may help to follow a link to the page itself: the load balancer then renews the sign-in or asks for a new one; and what
   * another site's link was refused (`CrossOriginRefused`) comes from the app itself.
   */
  readonly mayReload: boolean
  /** Of an outage (503): seconds after which to try again. */
  readonly retryAfterSeconds: number | undefined
}

/** A page as an answer has it. */
export interface Page {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** What a page says: plain text, which is escaped. */
export interface PageContent {
  /** The title, and the only heading. */
  readonly title: string
  readonly paragraphs: ReadonlyArray<string>
  /** The text of a link to the page itself, to load it again. Default: no such link. */
  readonly reload?: string | undefined
}

// Relative units, and nothing wider than the window: it can be read at 400 % (WCAG 2.2, 1.4.10). Contrast is 7:1 or more (1.4.6).
const style = `:root{color-scheme:light dark}
body{margin:0;font:1.125rem/1.5 system-ui,sans-serif;color:#1a1a1a;background:#fff}
main{max-width:38rem;margin:0 auto;padding:2rem 1rem;overflow-wrap:anywhere}
h1{font-size:1.75rem;line-height:1.25}
a{color:#0b4a94}
a:focus-visible{outline:.2rem solid;outline-offset:.2rem}
@media (prefers-color-scheme:dark){body{color:#f2f2f2;background:#16181c}a{color:#9cc7ff}}`

const commonHeaders = {
  "content-type": "text/html; charset=utf-8",
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  // The URL of what was refused is nobody else's business.
  "referrer-policy": "no-referrer"
}

const noFraming = "base-uri 'none'; frame-ancestors 'none'"

// CSP 3 §2.3.1: the one style element is allowed by its hash, and nothing else at all.
const styleHash = createHash("sha256").update(style).digest("base64")
const ownHeaders = {
  ...commonHeaders,
  "content-security-policy": `default-src 'none'; style-src 'sha256-${styleHash}'; form-action 'none'; ${noFraming}`
}

/**
 * An app's own page: its styles, images and fonts; no script, and no frame around it. `form-action` is left out: browsers apply it to
 * where a form's answer redirects to as well, and a form that signs out ends at Cognito.
 */
const customHeaders = {
  ...commonHeaders,
  "content-security-policy": `default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; ${noFraming}`
}

/** A small page that needs nothing else: for this package's refusals, and for adapters with answers of their own. */
export const htmlPage = ({ title, paragraphs, reload }: PageContent): Page => ({
  headers: ownHeaders,
  body: `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
${paragraphs.map((paragraph) => `<p>${escapeHtml(paragraph)}</p>\n`).join("")}${
  // An empty reference is the page's own URL, so that nothing of the request needs to be written.
  reload === undefined ? "" : `<p><a href="">${escapeHtml(reload)}</a></p>\n`
}</main>
</body>
</html>
`
})

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" }
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character] ?? "")

/** The load balancer would send the same again: only its rule or this app's settings can mend it. */
const isMisconfigured: ReadonlySet<AuthErrorTag> = new Set([
  "AlgorithmRefused",
  "SignerRefused",
  "ClientRefused",
  "IssuerRefused",
  "TokenUseRefused"
])

/** What a page may say of an error. */
export const toRefusal = (
  { _tag: error, retryAfterSeconds }: { readonly _tag: AuthErrorTag; readonly retryAfterSeconds?: number },
  { status, title }: Pick<Refusal, "status" | "title">
): Refusal => ({
  status,
  title,
  error,
  // Any other 403 is about the user: signing in again as the same one changes nothing. Nor does the address get any better (400, 414).
  mayReload: error === "CrossOriginRefused" || ((status === 401 || status === 503) && !isMisconfigured.has(error)),
  retryAfterSeconds
})

/** The built-in page. */
export const builtInPage = (refusal: Refusal): Page => htmlPage(contentOf(refusal))

const contentOf = ({ status, error, mayReload }: Refusal): PageContent => {
  const quote = `If you ask for help, quote this: ${status} ${error}.`
  if (status === 503) {
    return {
      title: error === "PolicyUnavailable" ? "Your access cannot be checked at the moment" : "Your sign-in cannot be checked at the moment",
      paragraphs: [
        "This is a fault of the app, not of yours, and you have not been signed out. Try again in a few seconds.",
        `If it lasts, tell the people who run this app. ${quote}`
      ],
      reload: "Try again"
    }
  }
  // Of page loads, signing out alone is refused so.
  if (error === "CrossOriginRefused") {
    return {
      title: "Do you want to continue?",
      paragraphs: [
        "A link of another site led here, or you had to sign in again on the way. Nothing has been done yet: another site must not sign you out.",
        `If you did not mean to come here, close this page. If it keeps appearing, tell the people who run this app. ${quote}`
      ],
      reload: "Continue"
    }
  }
  if (status === 403) {
    return {
      title: "You do not have access to this page",
      paragraphs: [
        "You are signed in, but not allowed to see this page. To get access, ask the people who run this app.",
        "If you were given access a moment ago, sign out and sign in again: it counts from your next sign-in.",
        quote
      ]
    }
  }
  if (status === 400 || status === 414) {
    return {
      title: status === 414 ? "The address is too long" : "The address is not valid",
      paragraphs: [
        'Check the address, or go back and follow the link again. A "#", a space or a control character within it must be encoded.',
        `If a link of this app led here, tell the people who run this app. ${quote}`
      ]
    }
  }
  const title = error === "TokenExpired" ? "Your sign-in has expired" : "You are not signed in"
  if (!mayReload) {
    return {
      title,
      paragraphs: [
        "This app does not accept sign-ins from where yours comes from. Signing in again does not help.",
        `Tell the people who run this app: its settings, or those of its load balancer, need a change. ${quote}`
      ]
    }
  }
  return {
    title,
    paragraphs: [
      "Load this page again: your sign-in is then renewed, or you are asked to sign in.",
      `If this does not help, tell the people who run this app. ${quote}`
    ],
    reload: "Sign in again"
  }
}

/** The option `refusalPage`: the HTML of an app's own page. */
export type WriteRefusalPage = (refusal: Refusal) => string

/**
 * The app's own page; or the built-in one, where there is none, or where writing it fails. A failure is logged once, and never
 * changes the status.
 */
export const makeRefusalPage = (write: WriteRefusalPage | undefined, warn: (message: string) => void): ((refusal: Refusal) => Page) => {
  if (write === undefined) return builtInPage
  let hasWarned = false
  const fallBack = (refusal: Refusal, why: string): Page => {
    if (!hasWarned) warn(`cognito-auth: the option refusalPage ${why}. The built-in page is sent instead.`)
    hasWarned = true
    return builtInPage(refusal)
  }
  return (refusal) => {
    try {
      const body: unknown = write(refusal)
      if (typeof body === "string") return { headers: customHeaders, body }
      // An async function's rejection must not end the process.
      void Promise.resolve(body).catch(() => undefined)
      return fallBack(refusal, "returned no string")
    } catch (cause) {
      return fallBack(refusal, `threw${cause instanceof Error ? ` ${cause.name}: ${JSON.stringify(cause.message.slice(0, 200))}` : ""}`)
    }
  }
}
