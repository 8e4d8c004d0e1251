/** The frame of every page: a title, one style sheet for light and dark, and no script. */
import { createHash } from "node:crypto"
import { type Html, html } from "./html.ts"
import { style } from "./style.ts"

export interface Page {
  readonly title: string
  /** The text beside the name at the top. */
  readonly place: string
  readonly main: Html
  /** A page of tables has more room. */
  readonly wide?: boolean
}

export const page = ({ title, place, main, wide = false }: Page): string =>
  html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${{ text: style }}</style>
</head>
<body>
<a class="skip" href="#main">Skip to main content</a>
<header><div class="${wide ? "wide" : "narrow"}"><strong>Local ALB</strong> <span>${place}</span></div></header>
<main id="main" class="${wide ? "wide" : "narrow"}">
${main}
</main>
</body>
</html>
`.text

/**
 * The page loads nothing, runs no script, and cannot be framed. `form-action` is left out: it would also apply to the redirect after
 * the form, which leads to the app.
 */
export const pageHeaders = {
  "content-type": "text/html; charset=utf-8",
  "cache-control": "no-store",
  "content-security-policy": [
    "default-src 'none'",
    "img-src data:",
    `style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'`,
    "base-uri 'none'",
    "frame-ancestors 'none'"
  ].join("; "),
  "x-content-type-options": "nosniff",
  // So that a form's Origin is sent to the same origin, and no other site gets a referrer.
  "referrer-policy": "same-origin"
} as const
