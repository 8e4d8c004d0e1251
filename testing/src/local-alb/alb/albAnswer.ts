/** The load balancer's own responses: a status, and a short page. */
import { type ServerResponse, STATUS_CODES } from "node:http"
import { html } from "../html/html.ts"

/** AWS ELB guide, "Troubleshoot your Application Load Balancers": the identity provider returned an error. */
const titles: Readonly<Record<number, string>> = { 561: "Unauthorized" }

/** Sends the load balancer's own response. `detail` says what the real one leaves out. */
export const answer = (response: ServerResponse, status: number, detail: string, headers: Readonly<Record<string, string>> = {}): void => {
  if (response.headersSent || response.destroyed) return
  const title = `${status} ${titles[status] ?? STATUS_CODES[status] ?? ""}`
  const page = html`<!doctype html>
<html lang="en">
<head><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><title>${title}</title></head>
<body><main>
<h1>${title}</h1>
<p>${detail}</p>
<p>The local ALB says this, not the app.</p>
</main></body>
</html>
`
  response.writeHead(status, {
    server: "awselb/2.0",
    "content-type": "text/html; charset=utf-8",
    "content-length": Buffer.byteLength(page.text),
    "cache-control": "no-store",
    ...headers
  })
  response.end(page.text)
}
