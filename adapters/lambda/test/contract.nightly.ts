/** Every row for the form of events of which `contract.test.ts` leaves out what the form cannot change. */
import { contract } from "@cognito-auth/testing/contract"
import { describe, it } from "vitest"
import { buildFor } from "./contractApp.ts"

describe.concurrent("@cognito-auth/lambda keeps the whole contract of requests, with multi-value headers", () => {
  for (const { name, run } of contract(buildFor("multi"), { only: "requests", services: true })) it(name, run)
})
