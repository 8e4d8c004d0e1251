/** The process: arguments in, exit code out. */
import { Console } from "node:console"

// What is printed is for pipes: stdout holds results alone, and what any library logs goes to stderr.
globalThis.console = new Console(process.stderr, process.stderr)

// `cognito-auth … | head` closes the pipe: no reason for a stack trace, and none to look successful.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 141 : 2))

const { main } = await import("./index.ts")
process.exitCode = await main(process.argv.slice(2))
