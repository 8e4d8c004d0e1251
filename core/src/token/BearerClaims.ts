/**
 * Step 2b, of a service's token: what tells it from a user's (Cognito guide, "Access token", client credentials). Pure: the time is an argument.
 *
 * @module
 */
import * as Result from "effect/Result"
import { checkTimes, checkTokenUse } from "./AccessClaims.ts"
import { type Checked, fail, passed } from "./claimChecks.ts"
import type { Expected } from "./Expected.ts"
import type { JsonObject } from "./JsonObject.ts"

/** Its claims, its signature verified: what it is for, that it is a service's, nbf, exp. Which clients may come in, the policy decides. */
export const checkBearerClaims = (expected: Expected, payload: JsonObject, nowMillis: number): Checked<void> => {
  const isAccess = checkTokenUse("bearer", payload)
  if (Result.isFailure(isAccess)) return isAccess
  const isService = checkService(payload)
  return Result.isFailure(isService) ? isService : checkTimes(expected, "bearer", payload, nowMillis)
}

/** A user's access token must not come in on its own: without the load balancer's, nothing says that the user's session goes on. */
const checkService = (payload: JsonObject): Checked<void> => {
  if ("username" in payload) return fail("bearer.username", "TokenUseRefused", "no username", `it has a username, ${users}`)
  if ("cognito:groups" in payload) return fail("bearer.groups", "TokenUseRefused", "no cognito:groups", `it has cognito:groups, ${users}`)
  const { client_id: clientId, sub } = payload
  if (typeof clientId !== "string" || clientId === "") {
    return fail("bearer.client_id", "TokenMalformed", "a string", "it has no client_id")
  }
  return sub === clientId ? passed : fail("bearer.sub", "SubjectMismatch", "the client_id", "its sub is not its client_id")
}

const users = "so it is a user's. Services get theirs by client credentials; users come through a listener rule that signs them in"
