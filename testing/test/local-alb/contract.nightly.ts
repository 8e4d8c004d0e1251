/** Every row through the local ALB: `contract.test.ts` leaves out what it cannot change. */
import { contract } from "@cognito-auth/testing/contract"
import { describe, it } from "vitest"
import { build } from "./contractApp.ts"

describe.concurrent("an app behind the local ALB keeps the whole contract", () => {
  for (const { name, run } of contract(build, { services: true })) it(name, run)
})
