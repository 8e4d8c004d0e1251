/** The ways in which a request can name a path that `bypass` does not: one list, for the contract and for the tests of each adapter. */

/** Each is another path than `/health`, whatever a router behind the guard makes of it; a router that answers everything answers it. */
export const evasions: ReadonlyArray<string> = [
  "//health",
  "///health",
  "/health//",
  "//app.example/health",
  "/./health",
  "/health/.",
  "/health/../admin",
  "/health/../health",
  "/health/%2e%2e/admin",
  "/health%2f..%2fadmin",
  "/health%5c..%5cadmin",
  "/%68ealth",
  "/health%20",
  "/health%00",
  "/health%3f/../admin",
  "/health%23",
  "/HEALTH",
  "/Health",
  "/health;x=1",
  "/health;/../admin",
  "/healthz",
  "/health/admin",
  "/health.json",
  "/health&x=1",
  "/admin?/health",
  "/admin?x=/health",
  "/admin?/../health",
  "http://app.example/health",
  "http://app.example//health"
]

/** Some servers take these for malformed, and answer 400 before any guard is asked; others let their router read them. */
export const oddities: ReadonlyArray<string> = [
  "/%",
  "/%zz",
  "/%c0%af",
  "/health%",
  "/\u00ff",
  "/health\\",
  "/health\\..\\admin",
  "/\\health",
  "HTTP://elsewhere.example/health?x",
  "app.example/health"
]

/** Header fields that a proxy may add; an app that believed it would be asked for one path and answer for another. */
export const rewrites: ReadonlyArray<string> = [
  "X-Forwarded-Uri",
  "X-Forwarded-Path",
  "X-Forwarded-Prefix",
  "X-Original-URL",
  "X-Original-URI",
  "X-Rewrite-URL",
  "X-Envoy-Original-Path",
  "X-Auth-Request-Redirect"
]

/** What core and the adapters' own tests send besides. Node refuses some of it by itself, or core does as a target. */
const furtherEvasions: ReadonlyArray<string> = [
  "/health/..",
  "/health/../../admin",
  "/admin/../health",
  "/x/../health",
  "/health%2f",
  "/health%2F..%2Fadmin",
  "/health%252f..%252fadmin",
  "/health%3f",
  "/health;",
  "/health/;x=1",
  "/;/health",
  "/admin;/health",
  "/health/..;/admin",
  "/admin?path=/health",
  "/admin#/health",
  "/health#",
  "/health#/admin",
  "/admin%3f/health",
  "/healthy",
  "/health/x",
  "/admin/health",
  "/api/health",
  "/Health/",
  "/API/HEALTH",
  "\\health",
  "/h%C3%A9alth",
  "/health\u00e9",
  "/health\u0085",
  "/health\u00a0",
  "http://evil.example/health",
  "https://app.example/health",
  "https://app.example//health",
  "HTTP://app.example/health",
  "HTTP://APP.EXAMPLE/health",
  "http://app.example/admin?/health",
  "health",
  "?/health",
  "*"
]

/** All spellings that are not `/health`. */
export const otherSpellings: ReadonlyArray<string> = [...evasions, ...oddities, ...furtherEvasions]
