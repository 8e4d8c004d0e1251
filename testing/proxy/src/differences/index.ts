/** Every difference, by witness. */
import type { Witness } from "../Case.ts"
import { caddy } from "./caddy.ts"
import type { Difference } from "./Difference.ts"
import { haproxy } from "./haproxy.ts"
import { nginx } from "./nginx.ts"

export const differences: Readonly<Record<Witness, ReadonlyArray<Difference>>> = { nginx, caddy, haproxy }
