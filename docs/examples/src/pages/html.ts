/** Pages as strings. Whatever is put into one is escaped, unless it is a piece of a page itself. */

/** A piece of a page. */
export interface Html {
  readonly text: string
}

type Piece = Html | string | undefined | false | ReadonlyArray<Html>

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" }

/** ``html`<p>${user.name}</p>` ``. `undefined` and `false` leave nothing behind. */
export const html = (strings: TemplateStringsArray, ...pieces: ReadonlyArray<Piece>): Html => ({
  text: strings.map((text, i) => text + toText(pieces[i])).join("")
})

const toText = (piece: Piece): string => {
  if (piece === undefined || piece === false) return ""
  if (typeof piece === "string") return piece.replace(/[&<>"']/g, (character) => entities[character] ?? "")
  return "text" in piece ? piece.text : piece.map(({ text }) => text).join("")
}
