/**
 * Which user a request object was admitted with: as a WeakMap has it, and invisible alike, for a fraction of what a WeakMap
 * costs a garbage collector that meets thousands of new requests in each of its rounds.
 */
import type { User } from "./User.ts"

export interface UserMarks {
  readonly get: (request: object) => User | undefined
  readonly set: (request: object, user: User) => void
}

/** As a constructor it makes nothing: a subclass puts its private field on what it was called with. */
function given(request: object): object {
  return request
}
const Given = given as unknown as new (request: object) => object

/** Each is a class of its own, so that no two adapters see each other's users. */
export const makeUserMarks = (): UserMarks => {
  class Mark extends Given {
    #user: User

    constructor(request: object, user: User) {
      super(request)
      this.#user = user
    }

    static get(request: object): User | undefined {
      // Whatever an adapter without types was called with: no object has no user.
      return typeof request === "object" && request !== null && #user in request ? request.#user : undefined
    }

    static set(request: object, user: User): void {
      if (#user in request) (request as Mark).#user = user
      else new Mark(request, user)
    }
  }
  return Mark
}
