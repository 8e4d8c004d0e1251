/** The subcommands, in the order in which the help lists them. */
import type { DefineCommand } from "./Command.ts"
import { doctor } from "./doctor.ts"
import { explain } from "./explain.ts"
import { gateway } from "./gateway.ts"
import { localAlb } from "./localAlb.ts"
import { policy } from "./policy.ts"

export const commands: ReadonlyArray<DefineCommand> = [explain, doctor, policy, localAlb, gateway]
