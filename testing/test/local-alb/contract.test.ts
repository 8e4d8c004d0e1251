/**
 * The contract of adapters, through the local ALB. The contract forges sign-ins of its own and sends them itself, so its
 * requests take a rule that does not authenticate: behind such a rule the app gets them as they were sent, and must not be
 * able to tell that there is a load balancer at all. What comes of real sign-ins is in `walkThrough.test.ts`.
 *
 * What core decides of tokens, rules and keys cannot be changed by who passes them on: those rows run in `npm run nightly`.
 */
import { contract } from "@cognito-auth/testing/contract"
import { describe, it } from "vitest"
import { isOfHeaders, isOfUpgrades, isTranslated } from "../translatedRows.ts"
import { build } from "./contractApp.ts"

describe.concurrent("an app behind the local ALB keeps the contract", () => {
  for (const { name, run } of contract(build)) if (isTranslated(name) || isOfHeaders(name) || isOfUpgrades(name)) it(name, run)
})
