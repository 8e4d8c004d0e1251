/**
 * The values of the three identity headers, among all header fields of a request.
 *
 * A perfect hash of the three names: they differ in length, so a field's length tells which of them its name may be. Most
 * fields are passed over without a look at their characters. With every name in lower case and compared, a warm request takes
 * 20 % longer (docs/performance-tried.md).
 */
import type { HeaderFields } from "./Request.ts"

/** The user's claims, signed by the ALB. */
export const dataHeader = "x-amzn-oidc-data"
/** The provider's access token. */
export const accessTokenHeader = "x-amzn-oidc-accesstoken"
/** The user's `sub` in plain text. */
export const identityHeader = "x-amzn-oidc-identity"

/** Each value as the framework has it: `undefined` where the header was not sent, a list where it was sent more than once. */
export interface CollectedFields {
  data: unknown
  accessToken: unknown
  identity: unknown
}

/** Reads the three headers, their names in any case. Never throws, whatever its argument is. */
export const collectFields = (fields: HeaderFields): CollectedFields => {
  const found: CollectedFields = { data: undefined, accessToken: undefined, identity: undefined }
  if (typeof fields !== "object" || fields === null) return found
  if (typeof fields.forEach === "function") {
    fields.forEach((value: string, name: string) => {
      // A Map has a forEach too, and may have anything for a key.
      if (typeof name === "string") collectField(found, name, value)
    })
    return found
  }
  for (const name in fields) {
    // Own fields only: a polluted Object.prototype signs nobody in.
    if (hasLength(name) && Object.hasOwn(fields, name)) collectField(found, name, (fields as Record<string, unknown>)[name])
  }
  return found
}

const hasLength = ({ length }: string): boolean =>
  length === dataHeader.length || length === accessTokenHeader.length || length === identityHeader.length

const collectField = (found: CollectedFields, name: string, value: unknown): void => {
  switch (name.length) {
    case dataHeader.length:
      if (name === dataHeader || name.toLowerCase() === dataHeader) found.data = add(found.data, value)
      break
    case accessTokenHeader.length:
      if (name === accessTokenHeader || name.toLowerCase() === accessTokenHeader) found.accessToken = add(found.accessToken, value)
      break
    case identityHeader.length:
      if (name === identityHeader || name.toLowerCase() === identityHeader) found.identity = add(found.identity, value)
      break
  }
}

/**
 * Calls `each` with every field whose name may be wanted, in any form that frameworks have. `isWanted` says so by the length, before
 * anything else of a field is looked at. Plain, for what is not read of every request; `collectFields` is.
 */
export const walkFields = (
  fields: HeaderFields,
  isWanted: (name: string) => boolean,
  each: (name: string, value: unknown) => void
): void => {
  if (typeof fields !== "object" || fields === null) return
  if (typeof fields.forEach === "function") {
    fields.forEach((value: string, name: string) => {
      if (typeof name === "string" && isWanted(name)) each(name, value)
    })
    return
  }
  for (const name in fields) {
    if (isWanted(name) && Object.hasOwn(fields, name)) each(name, (fields as Record<string, unknown>)[name])
  }
}

/** Reads one other header in the same way. `header` is in lower case. */
export const collectValues = (fields: HeaderFields, header: string): unknown => {
  let found: unknown
  walkFields(
    fields,
    ({ length }) => length === header.length,
    (name, value) => {
      if (name === header || name.toLowerCase() === header) found = add(found, value)
    }
  )
  return found
}

/** One name in two cases is one header sent twice. */
const add = (before: unknown, value: unknown): unknown =>
  value === undefined ? before : before === undefined ? value : [before, value].flat()
