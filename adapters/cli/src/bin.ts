/** The executable. */
import { Console } from "node:console"

// stdout is for results only, so that it can be piped. Everything that a library logs goes to stderr.
globalThis.console = new Console(process.stderr, process.stderr)

// `cognito-auth … | head` closes the pipe. That needs no stack trace, but is not a success either.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 141 : 2))

const { main } = await import("./index.ts")
process.exitCode = await main(process.argv.slice(2))
