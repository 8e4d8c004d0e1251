/** Where the groups of a user are, and when they are known: only a list of strings is a set of groups. */
import type { ExpectedProvider, VerifiedClaims } from "../token/Expected.ts"

/** The groups of verified claims; `undefined`: which they are cannot be told. */
export type ReadGroups = (claims: VerifiedClaims) => ReadonlyArray<string> | undefined

export const noGroups: ReadonlyArray<string> = Object.freeze([])

/** Cognito's, in its access token. */
export const cognitoGroups: ReadGroups = ({ access }) => {
  const groups = access["cognito:groups"]
  // Cognito guide, "Access token": the claim is absent when the user is in no group.
  return groups === undefined ? noGroups : listOf(groups)
}

/** Those of the claim of exactly this name in the ALB's token. Absent, it says nothing: the provider may not send it at all. */
const groupsOfClaim =
  (name: string | undefined): ReadGroups =>
  ({ oidc }) =>
    name === undefined ? undefined : listOf(oidc[name])

/** Where this provider's groups are. */
export const groupsOf = (provider: ExpectedProvider): ReadGroups =>
  provider._tag === "cognito" ? cognitoGroups : groupsOfClaim(provider.groupsClaim)

const listOf = (groups: unknown): ReadonlyArray<string> | undefined =>
  Array.isArray(groups) && groups.every((group) => typeof group === "string") ? Object.freeze(groups) : undefined
