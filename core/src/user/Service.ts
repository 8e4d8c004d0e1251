/**
 * Step 3 of a service's request: claims → Service. Total: whatever the verified claims hold, there is a service, and nothing of a wrong
 * type in it.
 *
 * @module
 */
import type { JsonObject } from "../token/JsonObject.ts"
import { dateOf } from "../token/Validity.ts"
import { deepFreeze, type User } from "./User.ts"

/** Who asks: a user whom the load balancer has signed in, or a service with a token of its own. `_tag` tells. */
export type Principal = User | Service

/**
 * A verified service: an app client that asks for itself, by OAuth 2.0's client credentials. It has no e-mail and no groups, and is never
 * an administrator. Immutable, and safe to log: printed, or as JSON, it shows its client id and its scopes.
 */
export class Service {
  readonly #claims: JsonObject
  /** `undefined`: the claim cannot be read as a list of scopes. */
  readonly #scopes: ReadonlyArray<string> | undefined

  private constructor(claims: JsonObject) {
    this.#claims = claims
    this.#scopes = readScopes(claims["scope"])
    Object.freeze(this)
  }

  /** The service of verified claims. */
  static fromClaims(claims: JsonObject): Service {
    return new Service(claims)
  }

  get _tag(): "Service" {
    return "Service"
  }
  /** The app client's id. */
  get clientId(): string {
    const { client_id: clientId } = this.#claims
    return typeof clientId === "string" ? clientId : ""
  }
  /** What the token was issued for: scopes of resource servers, as `orders/read`. */
  get scopes(): ReadonlyArray<string> {
    return this.#scopes ?? noScopes
  }
  /** Whether it is known which scopes the token has: the claim is a list of scopes (RFC 6749 §3.3), or absent, which is none. */
  get hasKnownScopes(): boolean {
    return this.#scopes !== undefined
  }
  /** Whether the token has the scope: names compare exactly. */
  hasScope(scope: string): boolean {
    return this.scopes.includes(scope)
  }
  /** Who issued the token: the URL of the user pool. */
  get issuer(): string {
    const { iss } = this.#claims
    return typeof iss === "string" ? iss : ""
  }
  /** When the token expires. */
  get expiresAt() {
    const { exp } = this.#claims
    return dateOf(typeof exp === "number" ? exp : 0)
  }
  /** All claims of the token, frozen. */
  get claims(): JsonObject {
    return deepFreeze(this.#claims)
  }

  /** What a log shows. */
  toJSON(): { readonly clientId: string; readonly scopes: ReadonlyArray<string> } {
    return { clientId: this.clientId, scopes: this.scopes }
  }
  toString(): string {
    return `Service(${this.clientId})`
  }
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString()
  }
}

const noScopes: ReadonlyArray<string> = Object.freeze([])

/** RFC 6749 §3.3: scopes of printable ASCII without `"` and `\`, with one space between two. */
const scopeList = /^[!#-[\]-~]+(?: [!#-[\]-~]+)*$/

const readScopes = (scope: unknown): ReadonlyArray<string> | undefined => {
  if (scope === undefined) return noScopes
  return typeof scope === "string" && scopeList.test(scope) ? Object.freeze(scope.split(" ")) : undefined
}
