/**
 * The rows of the contract that a second version of a framework, a second way to put the guard, or a proxy can change: how it reads
 * the target, the method and the connection, and how it writes a status, headers, a page, no body, or a body that stays open.
 *
 * What core decides of the tokens, the rules and the keys is the same for every adapter, and so is what it decides of the
 * headers by which clients differ: one client of each answer is enough. Those rows run for one version of each adapter, and for every
 * one in `npm run nightly`.
 */
const read =
  /^(a path of bypass|tokens as long|a header that is far too long|tokens in the|what a page of another site sends by|a service is|Authorization in)/
const written =
  /^(a page load without|a page load by|a HEAD by|curl without|a CORS preflight|onFailure|a redirect to a page of the app itself|the app's own page|an outage)/
const kept = /^(every method|the app is told|a rule on a path|requests on one|users who ask|a client that leaves|session\(\)|signing out)/
const open = /^(an event stream|a response that)/

/** All but the spellings of targets. */
export const isTranslated = (row: string): boolean => [read, written, kept, open].some((names) => names.test(row))

/** The spellings of targets, which an adapter may have tests of its own for. */
export const isOfTargets = (row: string): boolean => /^(bypass is not evaded by (?!an upgrade)|the target|a target of)/.test(row)

/** For a translation that creates headers itself, or changes their form: how the three headers can stand in a request. */
export const isOfHeaders = (row: string): boolean =>
  /^(x-amzn-oidc-|a token in an empty line|an empty token|underscores|another prefix|the tokens as|the names of|the identity)/.test(row)

/** Of a translation that passes on connections, too. */
export const isOfUpgrades = (row: string): boolean =>
  /^(an upgrade|bypass is not evaded by an upgrade|what a client says|a WebSocket|WebSockets|closeOnExpiry)/.test(row)
