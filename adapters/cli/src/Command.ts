/**
 * What a subcommand is: a folder whose `command.ts` adds the command to the program. It says what the command takes, and loads what
 * the command does only once it runs, so that none slows down another. main.ts lists them.
 */
import type { Command } from "commander"
import type { ExitCode } from "./ExitCode.ts"

export type DefineCommand = (program: Command, exit: (code: ExitCode | number) => void) => void
