/** Terminal output: colours, and escaped untrusted text. */
import { styleText } from "node:util"

export interface Paint {
  readonly good: (text: string) => string
  readonly bad: (text: string) => string
  readonly warn: (text: string) => string
  readonly dim: (text: string) => string
  readonly bold: (text: string) => string
}

type Stream = { readonly isTTY?: boolean }

/** https://no-color.org, https://force-color.org, TERM=dumb; otherwise whether the stream is a terminal. */
export const hasColours = (stream: Stream, environment = process.env): boolean => {
  if ((environment["NO_COLOR"] ?? "") !== "") return false
  const forced = environment["FORCE_COLOR"]
  if (forced !== undefined) return forced !== "0" && forced !== "false"
  return stream.isTTY === true && environment["TERM"] !== "dumb"
}

export const paintFor = (stream: Stream, environment = process.env): Paint => {
  const isOn = hasColours(stream, environment)
  // Without Node's own check of stream and environment, in which FORCE_COLOR wins over NO_COLOR: `hasColours` has decided.
  const style = (format: "green" | "red" | "yellow" | "dim" | "bold") => (text: string) =>
    isOn ? styleText(format, text, { validateStream: false }) : text
  return { good: style("green"), bad: style("red"), warn: style("yellow"), dim: style("dim"), bold: style("bold") }
}

/**
 * Untrusted text that is safe to print: characters that could move the cursor, change the text direction or be invisible are escaped.
 */
export const clean = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`)

/**
 * A value as one line of JSON that is safe to print: characters that could move the cursor, change the text direction or be invisible
 * are written as JSON escapes.
 */
export const jsonLine = (value: unknown): string => `${JSON.stringify(value).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, escapeUnits)}\n`

/** A character outside the BMP has two code units. */
const escapeUnits = (character: string): string => {
  let escaped = ""
  for (let i = 0; i < character.length; i++) escaped += `\\u${character.charCodeAt(i).toString(16).padStart(4, "0")}`
  return escaped
}
