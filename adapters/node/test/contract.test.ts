import { contract } from "@cognito-auth/testing/contract"
import { describe, it } from "vitest"
import { buildServer } from "./contractApp.ts"

describe.concurrent("@cognito-auth/node keeps the contract", () => {
  for (const { name, run } of contract((app) => buildServer(app).built)) it(name, run)
})
