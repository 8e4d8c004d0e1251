/**
 * Kinds of clients on which a response depends: the headers that each sends.
 *
 * @module
 */
import type { HeaderLines } from "./rawHttp.ts"

const html = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"

export interface Client {
  readonly name: string
  readonly method: string
  readonly headers: HeaderLines
}

const client = (name: string, headers: HeaderLines, method = "GET"): Client => ({ name, method, headers })

/** A browser that loads a page. */
export const pageLoad = client("a page load", [
  ["sec-fetch-mode", "navigate"],
  ["sec-fetch-dest", "document"],
  ["sec-fetch-site", "none"],
  ["accept", html]
])

/** A command line. */
export const curl = client("curl", [
  ["user-agent", "curl/8.5.0"],
  ["accept", "*/*"]
])

export const scriptFetch = client("fetch() in a page", [
  ["sec-fetch-mode", "cors"],
  ["accept", "*/*"]
])

export const eventStream = client("an EventSource", [
  ["sec-fetch-mode", "cors"],
  ["accept", "text/event-stream"]
])

/** Clients that are redirected without a sign-in. */
export const pageLoads: ReadonlyArray<Client> = [
  pageLoad,
  client("a page load of a browser without Fetch Metadata", [["accept", html]]),
  client("a page load that takes HTML in any case and at any weight", [["accept", "TEXT/HTML;q=0.8, application/json;q=0.3"]]),
  client("a page load in an inner frame", [
    ["sec-fetch-mode", "navigate"],
    ["sec-fetch-dest", "iframe"],
    ["accept", html]
  ]),
  client("a HEAD by what loads pages", pageLoad.headers, "HEAD")
]

/** Clients that get the status. */
export const otherClients: ReadonlyArray<Client> = [
  curl,
  client("a client that accepts nothing in particular", []),
  scriptFetch,
  client("fetch() that asks for HTML", [
    ["sec-fetch-mode", "cors"],
    ["accept", html]
  ]),
  client("XMLHttpRequest of a browser without Fetch Metadata", [["accept", "application/json, text/plain, */*"]]),
  client("a client that likes JSON better than HTML", [["accept", "text/html;q=0.8, application/json"]]),
  eventStream,
  client("an EventSource of a browser without Fetch Metadata", [["accept", "text/event-stream"]]),
  client("an image in a page", [
    ["sec-fetch-mode", "no-cors"],
    ["sec-fetch-dest", "image"],
    ["accept", "image/avif,image/webp,*/*;q=0.8"]
  ]),
  client("a form that is posted", pageLoad.headers, "POST"),
  client("a DELETE", scriptFetch.headers, "DELETE"),
  client(
    "a CORS preflight",
    [
      ["sec-fetch-mode", "cors"],
      ["origin", "https://elsewhere.example"],
      ["access-control-request-method", "PUT"],
      ["access-control-request-headers", "x-amzn-oidc-data"]
    ],
    "OPTIONS"
  )
]
