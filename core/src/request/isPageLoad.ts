/** Page loads, told from every other request. */
import { firstValue } from "./Headers.ts"
import type { AuthRequest } from "./Request.ts"

/** A browser that loads a page, as against a script, an image, a socket or a command line. For adapters with answers of their own. */
export const isPageLoad = (request: AuthRequest): boolean => {
  if (request.method !== "GET" && request.method !== "HEAD") return false
  // Where the browser says what it is doing (Fetch Metadata), that counts; older ones tell by what they accept.
  const mode = firstValue(request.headers, "sec-fetch-mode")
  return mode === undefined ? prefersHtml(firstValue(request.headers, "accept") ?? "") : mode === "navigate"
}

/** Whether HTML comes first: the highest quality (RFC 9110 §12.5.1), and of equals the one named first. */
const prefersHtml = (accept: string): boolean => {
  // Most of what is no page load names no HTML at all.
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
