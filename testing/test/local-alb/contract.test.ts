/**
 * The contract of adapters, through the local ALB. The contract forges sign-ins of its own and sends them itself, so its
 * requests take a rule that does not authenticate: behind such a rule the app gets them as they were sent, and must not be
 * able to tell that there is a load balancer at all. Real sign-ins are in `walkThrough.test.ts`.
 *
 * A proxy cannot change what core decides about tokens, rules and keys: those rows run in `npm run nightly`.
 */
import { contract } from "@cognito-auth/testing/contract"
import { describe, it } from "vitest"
import { isOfHeaders, isOfTargets, isOfUpgrades, isTranslated } from "../translatedRows.ts"
import { build } from "./contractApp.ts"

const isOfProxies = (name: string) => [isTranslated, isOfTargets, isOfHeaders, isOfUpgrades].some((is) => is(name))

describe.concurrent("an app behind the local ALB keeps the contract", () => {
  for (const { name, run } of contract(build, { services: true })) if (isOfProxies(name)) it(name, run)
})
