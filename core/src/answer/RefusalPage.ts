/**
 * The HTML page that a browser shows when a page load is refused. It is sent with the status of the refusal.
 *
 * @module
 */
import { createHash } from "node:crypto"
import type { AuthErrorTag, HttpMeaning } from "../errors/AuthError.ts"

/** The input for a refusal page. All of it is safe to show to anyone: nothing comes from the request or the user. */
export interface Refusal {
  readonly status: HttpMeaning["status"]
  /** What happened, in a few words. */
  readonly title: string
  /** The error's name, as in the log, for users to quote when they ask for help. */
  readonly error: AuthErrorTag
  /**
   * Whether it may help to follow a link to the page itself: the load balancer then renews the sign-in or asks for a new one; and what
   * another site's link was refused (`CrossOriginRefused`) comes from the app itself.
   */
  readonly mayReload: boolean
  /** For an outage (503): seconds to wait before a retry. */
  readonly retryAfterSeconds: number | undefined
}

/** A page, as part of a response. */
export interface Page {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** The content of a page: plain text, which is escaped. */
export interface PageContent {
  /** The title, and the only heading. */
  readonly title: string
  readonly paragraphs: ReadonlyArray<string>
  /** The text of a link to the page itself, to load it again. Default: no such link. */
  readonly reload?: string | undefined
}

// Relative units, and nothing wider than the window, so that it is readable at 400 % zoom (WCAG 2.2, 1.4.10). Contrast is 7:1 or more (1.4.6).
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
  // The refused URL is not sent to other sites.
  "referrer-policy": "no-referrer"
}

const noFraming = "base-uri 'none'; frame-ancestors 'none'"

// CSP 3 §2.3.1: only the style element is allowed, by its hash.
const styleHash = createHash("sha256").update(style).digest("base64")
const ownHeaders = {
  ...commonHeaders,
  "content-security-policy": `default-src 'none'; style-src 'sha256-${styleHash}'; form-action 'none'; ${noFraming}`
}

/**
 * For an app's custom page: its own styles, images and fonts; no scripts, and no framing. `form-action` is left out, because browsers
 * apply it to redirects after a form submission as well, and a sign-out form ends at Cognito.
 */
const customHeaders = {
  ...commonHeaders,
  "content-security-policy": `default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; ${noFraming}`
}

/** A small self-contained page, for this package's refusals and for adapters with their own responses. */
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
  // An empty reference is the page's own URL, so that nothing from the request is written into the page.
  reload === undefined ? "" : `<p><a href="">${escapeHtml(reload)}</a></p>\n`
}</main>
</body>
</html>
`
})

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" }
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character] ?? "")

/** Errors that a reload cannot fix: the load balancer's rule or this app's settings must change. */
const isMisconfigured: ReadonlySet<AuthErrorTag> = new Set([
  "AlgorithmRefused",
  "SignerRefused",
  "ClientRefused",
  "IssuerRefused",
  "TokenUseRefused"
])

/** The input for the page of an error. */
export const toRefusal = (
  { _tag: error, retryAfterSeconds }: { readonly _tag: AuthErrorTag; readonly retryAfterSeconds?: number },
  { status, title }: Pick<Refusal, "status" | "title">
): Refusal => ({
  status,
  title,
  error,
  // A reload does not change the user (any other 403) or the address (400, 414).
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
        "This is a problem with the app, not with your account, and you have not been signed out. Try again in a few seconds.",
        `If the problem continues, tell the people who run this app. ${quote}`
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
        "If you were given access recently, sign out and sign in again: the change takes effect at your next sign-in.",
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
        "This app is not configured to accept your sign-in. Signing in again does not help.",
        `Tell the people who run this app: its settings, or those of its load balancer, must be changed. ${quote}`
      ]
    }
  }
  return {
    title,
    paragraphs: [
      "Reload this page: your sign-in is then renewed, or you are asked to sign in.",
      `If this does not help, tell the people who run this app. ${quote}`
    ],
    reload: "Sign in again"
  }
}

/** The option `refusalPage`: returns the HTML of an app's custom page. */
export type WriteRefusalPage = (refusal: Refusal) => string

/**
 * The app's custom page. The built-in page is used if there is none, or if the custom page fails. A failure is logged once, and
 * never changes the status.
 */
export const makeRefusalPage = (write: WriteRefusalPage | undefined, warn: (message: string) => void): ((refusal: Refusal) => Page) => {
  if (write === undefined) return builtInPage
  let hasWarned = false
  const fallBack = (refusal: Refusal, why: string): Page => {
    if (!hasWarned) warn(`the option refusalPage ${why}. The built-in page is sent instead.`)
    hasWarned = true
    return builtInPage(refusal)
  }
  return (refusal) => {
    try {
      const body: unknown = write(refusal)
      if (typeof body === "string") return { headers: customHeaders, body }
      // An async function's rejection must not end the process.
      void Promise.resolve(body).catch(() => undefined)
      return fallBack(refusal, "did not return a string")
    } catch (cause) {
      return fallBack(refusal, `threw${cause instanceof Error ? ` ${cause.name}: ${JSON.stringify(cause.message.slice(0, 200))}` : ""}`)
    }
  }
}
