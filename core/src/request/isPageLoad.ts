/** Detects page loads. */
import { firstValue } from "./Headers.ts"
import type { AuthRequest } from "./Request.ts"

/** Whether a browser loads a page, and not a script, an image or a WebSocket. For adapters with their own responses. */
export const isPageLoad = (request: AuthRequest): boolean => {
  if (request.method !== "GET" && request.method !== "HEAD") return false
  // Fetch Metadata, if the browser sends it; older browsers are detected by the Accept header.
  const mode = firstValue(request.headers, "sec-fetch-mode")
  return mode === undefined ? prefersHtml(firstValue(request.headers, "accept") ?? "") : mode === "navigate"
}

/** Whether HTML has the highest quality value (RFC 9110 §12.5.1), and is the first of equals. */
const prefersHtml = (accept: string): boolean => {
  // Fast path: most other requests do not accept HTML at all.
  if (!/html/i.test(accept)) return false
  let best = { type: "", quality: 0 }
  for (const range of accept.split(",")) {
    const [type = "", ...parameters] = range.split(";").map((part) => part.trim().toLowerCase())
    const weight = parameters.find((parameter) => parameter.startsWith("q="))
    const quality = weight === undefined ? 1 : Number(weight.slice(2))
    if (quality > best.quality) best = { type, quality }
  }
  return best.type === "text/html" || best.type === "application/xhtml+xml"
}
