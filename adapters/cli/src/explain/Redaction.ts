/**
 * Which parts of a request may be shown. By default nothing personal: a value is shown only if it has the expected narrow format of
 * its field, such as an ARN or a UUID. Any other value is described.
 */
import { count } from "@cognito-auth/core/count"
import { clean } from "../terminal.ts"

export interface Redaction {
  /** The value of a technical field, if it has the expected format; otherwise a description. */
  readonly show: (value: unknown, looksLike: RegExp) => string
  /** A user's id, shortened. */
  readonly subject: (value: unknown) => string
}

export const arn = /^arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]{1,32}:\d{1,12}:loadbalancer\/[A-Za-z0-9/-]{1,80}$/
export const clientId = /^[A-Za-z0-9_+]{1,128}$/
export const issuerUrl = /^https?:\/\/[A-Za-z0-9.[\]:-]{1,253}(\/[A-Za-z0-9_-]{1,80})?\/?$/
/** The name of an API: a URL, or a word. */
export const audience = /^(?:[A-Za-z][a-z0-9+.-]{1,16}:\/\/)?[A-Za-z0-9.:_-]{1,128}(?:\/[A-Za-z0-9._-]{0,80}){0,3}$/
export const kid = /^[A-Za-z0-9+/=_-]{1,64}$/
/** An origin, or a host with its port. */
export const origin = /^(?:null|(?:https?:\/\/)?[A-Za-z0-9.[\]:-]{1,260})$/
export const method = /^[A-Z]{1,16}$/
export const word = /^[A-Za-z0-9_-]{1,16}$/

const longest = 300

export const redactionFor = (showClaims: boolean): Redaction => ({
  show: (value, looksLike) => {
    if (typeof value !== "string") return describe(value)
    if (looksLike.test(value)) return value
    return showClaims ? inFull(value) : `${describe(value)} in an unexpected format`
  },
  subject: (value) => {
    if (typeof value !== "string" || value === "") return describe(value)
    if (showClaims) return inFull(value)
    // Four characters of a short id would reveal most of it.
    return value.length < 16 ? describe(value) : `${clean(value.slice(0, 4))}… (${value.length} characters)`
  }
})

const inFull = (value: string): string => clean(JSON.stringify(value.length > longest ? `${value.slice(0, longest)}…` : value))

/** The type and size of a value, without its content. */
export const describe = (value: unknown): string => {
  if (value === undefined) return "absent"
  if (value === null) return "null"
  if (typeof value === "string") return value === "" ? "an empty string" : `a string of ${count(value.length, "character")}`
  if (Array.isArray(value)) return `a list of ${count(value.length, "member")}`
  return typeof value === "object" ? "an object" : `a ${typeof value}`
}
