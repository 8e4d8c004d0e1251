import { contract } from "@cognito-auth/testing/contract"
import { describe, it } from "vitest"
import { isOfHeaders, isTranslated } from "../../../testing/test/translatedRows.ts"
import { buildFor } from "./contractApp.ts"

describe.concurrent("@cognito-auth/lambda keeps the contract of requests, with single-value headers", () => {
  for (const { name, run } of contract(buildFor("single"), { only: "requests", services: true })) it(name, run)
})

// What the form changes; forms.prop.test.ts holds the two to the same answer, whoever asks.
describe.concurrent("@cognito-auth/lambda keeps the contract of requests, with multi-value headers", () => {
  for (const { name, run } of contract(buildFor("multi"), { only: "requests", services: true }))
    if (isTranslated(name) || isOfHeaders(name)) it(name, run)
})
