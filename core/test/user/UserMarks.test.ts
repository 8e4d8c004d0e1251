import { describe, expect, it } from "vitest"
import { makeUserMarks } from "../../src/user/UserMarks.ts"
import { userWith } from "../userOf.ts"

const ada = userWith("ada@example.com")
const bob = userWith("bob@example.com")

describe("the mark of a request", () => {
  it("is the user that it was last given", () => {
    const marks = makeUserMarks()
    const request = {}
    expect(marks.get(request)).toBeUndefined()
    marks.set(request, ada)
    expect(marks.get(request)).toBe(ada)
    marks.set(request, bob)
    expect(marks.get(request)).toBe(bob)
    expect(marks.get({})).toBeUndefined()
  })

  it("is seen by nothing else: neither by other marks nor in the request", () => {
    const marks = makeUserMarks()
    const request = Object.freeze({ url: "/" })
    marks.set(request, ada)
    expect(makeUserMarks().get(request)).toBeUndefined()
    expect(Reflect.ownKeys(request)).toEqual(["url"])
    expect(marks.get(Object.create(request))).toBeUndefined()
  })

  it("is none of what is no object", () => {
    const marks = makeUserMarks()
    for (const other of [undefined, null, 1, "request"]) expect(marks.get(other as unknown as object)).toBeUndefined()
  })
})
