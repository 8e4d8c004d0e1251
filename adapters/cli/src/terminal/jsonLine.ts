/**
 * A value as one line of JSON, fit for a terminal: beside what JSON itself requires, what could move the cursor, turn the direction of
 * reading or hide itself is written as an escape, which a reader of JSON undoes.
 */
export const jsonLine = (value: unknown): string => `${JSON.stringify(value).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, escapeUnits)}\n`

/** Outside the BMP there are two. */
const escapeUnits = (character: string): string => {
  let escaped = ""
  for (let i = 0; i < character.length; i++) escaped += `\\u${character.charCodeAt(i).toString(16).padStart(4, "0")}`
  return escaped
}
