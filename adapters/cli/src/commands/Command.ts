/**
 * What a subcommand is: a file of this folder that adds itself to the program. It says what the command takes, and loads
 * what the command does only once it runs, so that none slows down another.
 */
import type { Command } from "commander"
import type { ExitCode } from "../ExitCode.ts"

export type DefineCommand = (program: Command, exit: (code: ExitCode | number) => void) => void
