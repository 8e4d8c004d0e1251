import { contract } from "@cognito-auth/testing/contract"
import { describe, it } from "vitest"
import { isOfHeaders, isTranslated } from "../../../testing/test/translatedRows.ts"
import { buildFor } from "./contractApp.ts"

describe.concurrent("@cognito-auth/lambda keeps the contract of requests, with single-value headers", () => {
  for (const { name, run } of contract(buildFor("single"), { only: "requests" })) it(name, run)
})

// The differences between the forms; forms.prop.test.ts checks that both give the same response.
describe.concurrent("@cognito-auth/lambda keeps the contract of requests, with multi-value headers", () => {
  for (const { name, run } of contract(buildFor("multi"), { only: "requests" })) if (isTranslated(name) || isOfHeaders(name)) it(name, run)
})
