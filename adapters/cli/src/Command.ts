/**
 * A subcommand is a folder. Its `command.ts` adds the command to the program, with its arguments and help. The implementation is
 * loaded only when the command runs, so that it does not slow down the others. main.ts lists the commands.
 */
import type { Command } from "commander"
import type { ExitCode } from "./ExitCode.ts"

export type DefineCommand = (program: Command, exit: (code: ExitCode | number) => void) => void
