/** Step 1: both tokens are there, once, each as one text of reasonable size; the identity header likewise, if it was sent. */
import { accessTokenHeader, dataHeader, identityHeader, maxHeaderLength } from "@cognito-auth/core/Headers"
import { count } from "../terminal/count.ts"
import type { Check } from "./Check.ts"
import { describe } from "./Redaction.ts"
import type { Seen } from "./Seen.ts"

const stage = "Headers"
const errors = ["HeaderMissing", "HeaderInvalid"] as const
const size = `under ${maxHeaderLength.toLocaleString("en-GB")} characters`

export const headerChecks: ReadonlyArray<Check> = [
  {
    id: "header.data",
    stage,
    title: dataHeader,
    errors,
    header: dataHeader,
    expected: () => `sent once, ${size}`,
    actual: ({ data }) => showValues(data)
  },
  {
    id: "header.accesstoken",
    stage,
    title: accessTokenHeader,
    errors,
    header: accessTokenHeader,
    expected: () => `sent once, ${size}`,
    actual: ({ accessToken }) => showValues(accessToken)
  },
  {
    id: "header.identity",
    stage,
    title: identityHeader,
    errors,
    header: identityHeader,
    expected: () => "sent once, or not at all",
    actual: ({ identity }: Seen) => showValues(identity)
  }
]

const showValues = (values: ReadonlyArray<unknown>): string => {
  if (values.length === 0) return "not sent"
  if (values.length > 1) return `sent ${values.length} times`
  const [value] = values
  if (typeof value !== "string") return describe(value)
  if (value === "") return "sent empty"
  return `sent once, ${count(value.length, "character")}${value.includes(",") ? ", with a comma in it" : ""}`
}
