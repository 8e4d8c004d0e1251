/** What the app logs during the walk-through: kept out of the table, and shown below it if a row fails. */
import { Console } from "node:console"
import { Writable } from "node:stream"

export interface AppLog {
  /** Prints what is logged from now on. With `withHeld`, what was buffered first. */
  readonly open: (options: { readonly withHeld: boolean }) => void
}

/** Replaces the process's console: what any library logs goes to stderr, and not before `open`. */
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
