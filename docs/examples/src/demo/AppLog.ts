/** What the app logs while it is asked: kept out of the table, and shown below it where it explains something. */
import { Console } from "node:console"
import { Writable } from "node:stream"

export interface AppLog {
  /** Passes on what is logged from now on. With `withHeld`, what was held back first. */
  readonly open: (options: { readonly withHeld: boolean }) => void
}

/** Takes the place of the process's console: what any library logs goes to stderr, and not before `open`. */
export const holdAppLog = (): AppLog => {
  let held: Array<string> | undefined = []
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      if (held === undefined) process.stderr.write(chunk)
      else held.push(String(chunk))
      done()
    }
  })
  globalThis.console = new Console(stream, stream)
  return {
    open: ({ withHeld }) => {
      if (withHeld) process.stderr.write((held ?? []).join(""))
      held = undefined
    }
  }
}
