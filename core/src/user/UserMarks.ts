/**
 * Who a request object was admitted with, as a WeakMap from requests to principals would have it: nothing else can read it
 * or forge it, and it goes with the request.
 *
 * The technique is "constructor return override": a base class returns the request itself, so that the subclass puts its
 * private field on the request. With a WeakMap, an adapter's warm decision takes 29 % longer (docs/performance-tried.md): the
 * garbage collector has to look at each key.
 */
import type { Principal } from "./Service.ts"

export interface UserMarks {
  readonly get: (request: object) => Principal | undefined
  readonly set: (request: object, principal: Principal) => void
}

/** A constructor that makes nothing: it returns what it was called with. */
function returnGiven(request: object): object {
  return request
}
const Given = returnGiven as unknown as new (request: object) => object

/** Each is a class of its own, so that no adapter sees those of another. */
export const makeUserMarks = (): UserMarks => {
  class Mark extends Given {
    #principal: Principal

    constructor(request: object, principal: Principal) {
      super(request)
      this.#principal = principal
    }

    static get(request: object): Principal | undefined {
      // An adapter without types may be called with anything; what is not an object has none.
      return typeof request === "object" && request !== null && #principal in request ? request.#principal : undefined
    }

    static set(request: object, principal: Principal): void {
      if (#principal in request) (request as Mark).#principal = principal
      else new Mark(request, principal)
    }
  }
  return Mark
}
