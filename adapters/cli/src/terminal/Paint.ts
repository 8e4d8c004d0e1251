/** Colours, for people at a terminal alone. */

export interface Paint {
  readonly good: (text: string) => string
  readonly bad: (text: string) => string
  readonly warn: (text: string) => string
  readonly dim: (text: string) => string
  readonly bold: (text: string) => string
}

type Stream = { readonly isTTY?: boolean }

/** https://no-color.org, https://force-color.org, TERM=dumb; else what the stream is. */
export const hasColours = (stream: Stream, environment = process.env): boolean => {
  if ((environment["NO_COLOR"] ?? "") !== "") return false
  const forced = environment["FORCE_COLOR"]
  if (forced !== undefined) return forced !== "0" && forced !== "false"
  return stream.isTTY === true && environment["TERM"] !== "dumb"
}

export const paintFor = (stream: Stream): Paint => {
  const isOn = hasColours(stream)
  const style = (on: number, off: number) => (text: string) => (isOn ? `\u001b[${on}m${text}\u001b[${off}m` : text)
  return { good: style(32, 39), bad: style(31, 39), warn: style(33, 39), dim: style(2, 22), bold: style(1, 22) }
}
