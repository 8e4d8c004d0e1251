/** A form's fields → a user, or the errors in them. */
import { emailPattern, groupPattern, type LocalUser } from "../Users.ts"

/** The fields of a form, as they were typed. */
export interface Typed {
  readonly email: string
  readonly name: string
  /** Separated by commas. */
  readonly groups: string
}

export type TypedErrors = { readonly [Field in keyof Typed]?: string }

export const emptyForm: Typed = { email: "", name: "", groups: "" }

/** What was typed, from a parsed body. */
export const readTyped = (body: Readonly<Record<string, unknown>>): Typed => {
  const text = (field: string) => (typeof body[field] === "string" ? body[field].trim() : "")
  return { email: text("email"), name: text("name"), groups: text("groups") }
}

export const checkTyped = ({ email, name, groups }: Typed): LocalUser | { readonly errors: TypedErrors } => {
  const list = toGroups(groups)
  const wrong = list.find((group) => !groupPattern.test(group))
  const errors: TypedErrors = {
    ...(email === "" ? { email: "Enter an e-mail address" } : {}),
    ...(email !== "" && !emailPattern.test(email) ? { email: "Enter an e-mail address in the form name@example.com" } : {}),
    ...(wrong === undefined ? {} : { groups: `A group's name has no spaces: change "${wrong}"` })
  }
  if (Object.keys(errors).length > 0) return { errors }
  return { email, groups: list, ...(name === "" ? {} : { name }) }
}

const toGroups = (text: string): ReadonlyArray<string> => [
  ...new Set(
    text
      .split(",")
      .map((group) => group.trim())
      .filter((group) => group !== "")
  )
]
