/**
 * Which user a request object was admitted with, as a WeakMap from requests to users would have it: nothing else can read it
 * or forge it, and it goes with the request.
 *
 * The technique is "constructor return override": a base class returns the request itself, so that the subclass puts its
 * private field on the request. With a WeakMap, an adapter's warm decision takes 29 % longer (docs/performance-tried.md): the
 * garbage collector has to look at each key.
 */
import type { User } from "./User.ts"

export interface UserMarks {
  readonly get: (request: object) => User | undefined
  readonly set: (request: object, user: User) => void
}

/** A constructor that makes nothing: it returns what it was called with. */
function returnGiven(request: object): object {
  return request
}
const Given = returnGiven as unknown as new (request: object) => object

/** Each is a class of its own, so that no adapter sees the users of another. */
export const makeUserMarks = (): UserMarks => {
  class Mark extends Given {
    #user: User

    constructor(request: object, user: User) {
      super(request)
      this.#user = user
    }

    static get(request: object): User | undefined {
      // An adapter without types may be called with anything; what is not an object has no user.
      return typeof request === "object" && request !== null && #user in request ? request.#user : undefined
    }

    static set(request: object, user: User): void {
      if (#user in request) (request as Mark).#user = user
      else new Mark(request, user)
    }
  }
  return Mark
}
