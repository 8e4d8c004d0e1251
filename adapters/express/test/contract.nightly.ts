/** Every row for each version of Express and each guard: `contract.test.ts` leaves out what they cannot change. */
import { contract } from "@cognito-auth/testing/contract"
import { describe, it } from "vitest"
import { frameworks } from "./app.ts"
import { buildWith, guards } from "./contractApp.ts"

describe.concurrent.each(frameworks)("@cognito-auth/express keeps the whole contract with $name", ({ express }) => {
  describe.each(Object.entries(guards))("by %s", (_guard, protect) => {
    for (const { name, run } of contract(buildWith(express, protect), { services: true })) it(name, run)
  })
})
