/** A stream of bytes → its lines, several at a time, none of which can fill the memory. */

/** Three headers of 16 KiB each, their names and a good deal beside them. */
const maxLineBytes = 1_048_576

const newline = 10

/** Lines as text, without white space around them; `undefined`: the line was longer than 1 MiB. */
export async function* readLines(input: AsyncIterable<Buffer>): AsyncGenerator<ReadonlyArray<string | undefined>> {
  let held: Array<Buffer> = []
  let heldBytes = 0
  const take = (end: Buffer): string | undefined => {
    const bytes = heldBytes + end.length
    const line =
      bytes > maxLineBytes
        ? undefined
        : Buffer.concat([...held, end], bytes)
            .toString("utf8")
            .trim()
    held = []
    heldBytes = 0
    return line
  }
  for await (const chunk of input) {
    const lines: Array<string | undefined> = []
    let start = 0
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      lines.push(take(chunk.subarray(start, end)))
      start = end + 1
    }
    heldBytes += chunk.length - start
    // Of a line that is too long already, the rest is only counted.
    if (heldBytes <= maxLineBytes && start < chunk.length) held.push(chunk.subarray(start))
    else if (heldBytes > maxLineBytes) held = []
    yield lines
  }
  if (heldBytes > 0) yield [take(Buffer.alloc(0))]
}
