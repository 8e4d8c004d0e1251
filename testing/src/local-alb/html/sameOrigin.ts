/** Whether a form was posted by a page of the same origin: no other page may press a button here. */
import type { IncomingHttpHeaders } from "node:http"

/** By `Origin`, which browsers send with every POST; by Fetch Metadata where there is none. Neither: not a browser's form. */
export const isSameOrigin = ({ origin, host, "sec-fetch-site": site }: IncomingHttpHeaders): boolean =>
  origin === undefined ? site === "same-origin" : origin === `http://${host}`
