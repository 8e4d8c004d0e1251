/** What is exported as a handler without having been called: TypeScript refuses each of these; the message is for JavaScript. */
import { ConfigurationError, cognitoAuth } from "@cognito-auth/lambda"
import { describe, expect, it } from "vitest"
import { sharedForge } from "../../../testing/test/sharedForge.ts"
import { context, eventOf } from "./events.ts"

const forge = await sharedForge()
const auth = cognitoAuth({ ...forge.settings().options, keySource: forge.keySource() })

const faultsOf = (call: () => unknown): ReadonlyArray<readonly [setting: string, problem: string]> => {
  try {
    call()
  } catch (error) {
    if (error instanceof ConfigurationError) return error.faults.map(({ setting, problem }) => [setting, problem])
  }
  return []
}

describe.each(["single", "multi"] as const)("exported as the handler of an event with headers in the %s form", (form) => {
  it.each([
    ["auth.withAuth", auth.withAuth],
    ["auth.require", auth.require],
    ["auth.require({ … })", auth.require({ groups: ["admins"] })],
    ["auth.session", auth.session],
    ["auth.signOut", auth.signOut],
    ["cognitoAuth", cognitoAuth]
  ])("%s is told to be called, in one fault", (name, uncalled) => {
    const asHandler = uncalled as unknown as (event: object, invocation: object) => unknown
    expect(faultsOf(() => asHandler(eventOf({ form }), context))).toEqual([
      [name, expect.stringContaining("was passed on without being called. Call it: ")]
    ])
  })
})

it("a guard without a handler is refused at the start", () => {
  expect(faultsOf(() => auth.withAuth({ bypass: ["/health"] } as never))).toEqual([
    ["auth.withAuth", expect.stringContaining("expected a handler")]
  ])
})
