/** A new user's app with Effect: the service is the app's own Effect's, so there is one copy of it. */
import { CognitoAuth } from "@cognito-auth/core"
import { makeForge } from "@cognito-auth/testing"
import * as Effect from "effect/Effect"

const forge = await makeForge()

const whoIs = (headers: Record<string, string>) =>
  Effect.gen(function* () {
    const auth = yield* CognitoAuth
    const user = yield* auth.authenticate(headers)
    return user.email
  })

const layer = CognitoAuth.layer({ ...forge.settings().options, keySource: forge.keySource() })
const hello = await Effect.runPromise(whoIs(await forge.headers({ email: "ada@example.com" })).pipe(Effect.provide(layer)))
const refused = await Effect.runPromise(
  whoIs({}).pipe(
    Effect.provide(layer),
    Effect.catchTag("HeaderMissing", (error) => Effect.succeed(error._tag))
  )
)

console.log(`Hello ${hello}`, refused)
