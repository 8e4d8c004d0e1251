/**
 * Step 4a: rules about services. Of a user they cannot tell, so `not` of one admits no user.
 *
 * @module
 */
import { cannotTell, type Rule } from "./Rule.ts"
import { checkClientId, checkScope, entriesOf } from "./readEntries.ts"

/** Services of any of the app clients. Ids compare exactly. Throws `ConfigurationError` for what is no list of ids. */
export const clients = (clients: ReadonlyArray<string>): Rule => {
  const ids = entriesOf(clients, "Policy.clients", checkClientId)
  const allowed = new Set(ids)
  return {
    describe: ids.length > 5 ? `a service of one of ${ids.length} clients` : `a service of the client ${ids.join(" or ") || "of no name"}`,
    admits: () => cannotTell,
    admitsService: ({ clientId }) => allowed.has(clientId),
    whyNot: () => notAService
  }
}

/**
 * Services whose token has every one of the scopes. Names compare exactly: no scope stands for those that begin with it. It cannot tell
 * where the claim is not a list of scopes. Throws `ConfigurationError` for what is no list of scopes.
 */
export const scopes = (scopes: ReadonlyArray<string>): Rule => {
  const names = entriesOf(scopes, "Policy.scopes", checkScope)
  return {
    describe: `a service with ${names.length === 1 ? "the scope" : "every scope of"} ${names.join(", ") || "none"}`,
    admits: () => cannotTell,
    admitsService: (service) => names.length > 0 && (service.hasKnownScopes ? names.every((name) => service.hasScope(name)) : cannotTell),
    whyNot: () => notAService
  }
}

const notAService = "it is about services, and a user asks"
