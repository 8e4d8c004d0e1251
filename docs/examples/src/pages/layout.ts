/** The frame of every page: one title, landmarks, one style sheet for light and dark, no script, nothing loaded. */
import { createHash } from "node:crypto"
import { type Html, html } from "./html.ts"

const style = `
:root{color-scheme:light dark;--text:#1a1d21;--ground:#fff;--quiet:#4d555c;--line:#c3c9ce;--soft:#f3f5f6;--link:#0b4a94;--bar:#14304f;--action:#0b4a94;--on-action:#fff}
@media (prefers-color-scheme:dark){:root{--text:#f0f2f4;--ground:#16191c;--quiet:#b4bcc3;--line:#4a5259;--soft:#20252a;--link:#9cc7ff;--bar:#0b1b2e;--action:#9cc7ff;--on-action:#0c1a2b}}
*{box-sizing:border-box}
body{margin:0;font:1.125rem/1.5 system-ui,"DejaVu Sans",sans-serif;color:var(--text);background:var(--ground)}
header{background:var(--bar);color:#fff}
header a{color:#fff}
.bar{max-width:44rem;margin:0 auto;padding:.75rem 1rem;display:flex;flex-wrap:wrap;gap:.25rem 1.5rem;align-items:baseline}
.bar strong{flex:1 1 auto}
nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;margin:0;padding:0}
main{max-width:44rem;margin:0 auto;padding:2rem 1rem 4rem;overflow-wrap:anywhere}
h1{font-size:1.875rem;line-height:1.2;margin:0 0 1rem}
p{margin:0 0 1rem}
a{color:var(--link);text-underline-offset:.15em}
a:focus-visible{outline:.2rem solid;outline-offset:.2rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.5rem 1.5rem;margin:0 0 1.5rem;padding:1rem 1.25rem;background:var(--soft);border:.0625rem solid var(--line);border-radius:.375rem}
dt{color:var(--quiet)}
dd{margin:0}
code{font-family:ui-monospace,"DejaVu Sans Mono",monospace;font-size:.9em}
.group{display:inline-block;border:.0625rem solid var(--line);border-radius:.25rem;padding:0 .5rem}
.group+.group{margin-left:.375rem}
.button{display:inline-block;padding:.5rem 1rem;border-radius:.25rem;background:var(--action);color:var(--on-action);text-decoration:none;font-weight:700}
@media (max-width:26rem){dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.5rem}}
`

export interface Page {
  readonly title: string
  /** Whether the page is for signed-in users: then it links to the others, and to sign-out if the app has that. */
  readonly isSignedIn?: boolean
  readonly canSignOut?: boolean
  readonly main: Html
}

export const layout = ({ title, isSignedIn = false, canSignOut = false, main }: Page): string =>
  html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} - cognito-auth example</title>
<link rel="icon" href="data:,">
<style>${{ text: style }}</style>
</head>
<body>
<header><div class="bar"><strong>cognito-auth example</strong>${
    isSignedIn &&
    html`<nav aria-label="Pages"><ul>
<li><a href="/">Home</a></li>
<li><a href="/admin">Administration</a></li>
${canSignOut && html`<li><a href="/sign-out">Sign out</a></li>`}
</ul></nav>`
  }</div></header>
<main>
<h1>${title}</h1>
${main}
</main>
</body>
</html>
`.text

/** The fields of a page of this app: it loads only its own style sheet, runs no script, and cannot be framed or cached. */
export const pageHeaders: Readonly<Record<string, string>> = {
  "content-type": "text/html; charset=utf-8",
  "cache-control": "no-store",
  "content-security-policy": [
    "default-src 'none'",
    "img-src data:",
    `style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'"
  ].join("; "),
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff"
}
