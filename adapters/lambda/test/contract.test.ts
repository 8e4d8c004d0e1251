import { contract } from "@cognito-auth/testing/contract"
import { describe, it } from "vitest"
import { isOfHeaders, isOfTargets, isTranslated } from "../../../testing/test/translatedRows.ts"
import { buildFor } from "./contractApp.ts"

describe.concurrent("@cognito-auth/lambda keeps the contract of requests, with single-value headers", () => {
  for (const { name, run } of contract(buildFor("single"), { only: "requests" })) it(name, run)
})

// What the form changes: of the target it is the query; the path and the method are no part of it. forms.prop.test.ts holds the two to
// the same answer, whoever asks, and for which path.
const isOfForm = (name: string) => isTranslated(name) || isOfHeaders(name) || (isOfTargets(name) && name.includes("?"))

describe.concurrent("@cognito-auth/lambda keeps the contract of requests, with multi-value headers", () => {
  for (const { name, run } of contract(buildFor("multi"), { only: "requests" })) if (isOfForm(name)) it(name, run)
})
