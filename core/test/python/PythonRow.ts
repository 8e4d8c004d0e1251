/** A pair of a policy and a user, and what the Python package answers. */

export interface PythonRow {
  readonly id: number | string
  /** The claims of the load balancer's token. */
  readonly oidc: Readonly<Record<string, unknown>>
  /** The claims of the access token. */
  readonly access: Readonly<Record<string, unknown>>
  /** The arguments of `Authoriser.from_lists`; or else `file`, the content of `auth-config.json`. */
  readonly lists?: Readonly<Record<string, unknown>>
  readonly file?: string
  readonly python: { readonly outcome: string; readonly allowed?: boolean; readonly error?: string }
}

/** Reads JSON Lines. Throws for what is no row, with the number of its line. */
export const readRows = (text: string): ReadonlyArray<PythonRow> =>
  text
    .split("\n")
    .map((line, index) => ({ line, number: index + 1 }))
    .filter(({ line }) => line.trim() !== "")
    .map(({ line, number }) => {
      const row: unknown = JSON.parse(line)
      if (!isRow(row)) throw new Error(`line ${number} is not a pair of a policy and a user`)
      return row
    })

const isRow = (row: unknown): row is PythonRow => {
  if (!isObject(row) || !isObject(row["oidc"]) || !isObject(row["access"]) || !isObject(row["python"])) return false
  const { outcome, allowed } = row["python"]
  if (outcome !== "config-error" && outcome !== "raises" && !(outcome === "ok" && typeof allowed === "boolean")) return false
  return typeof row["file"] === "string" || isObject(row["lists"])
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value)
