/** A request as it was found in a file: what the pipeline is given, and when it was sent where the file says so. */
import type { HeaderFields } from "@cognito-auth/core"

export interface ReadRequest {
  readonly method: string
  readonly target: string
  readonly headers: HeaderFields
  /** Milliseconds since 1970; `undefined` where the file does not say. */
  readonly sentAt: number | undefined
  /** The caller's own name for it, where there is one. */
  readonly id: string | number | undefined
}

/** One header field after the other, as they stood; a name that comes again makes a list, which core then refuses or not. */
export const toFields = (pairs: Iterable<readonly [string, unknown]>): HeaderFields => {
  const fields: Record<string, unknown> = Object.create(null)
  for (const [name, value] of pairs) {
    const before = fields[name]
    fields[name] = name in fields ? [before, value].flat() : value
  }
  return fields as HeaderFields
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const oidcHeader = /^x-amzn-oidc-/i

/** Whether any of the three headers is there. */
export const hasSignIn = ({ headers }: ReadRequest): boolean => Object.keys(headers).some((name) => oidcHeader.test(name))
