/** Every difference, by reference proxy. */
import type { ReferenceProxy } from "../Case.ts"
import { caddy } from "./caddy.ts"
import type { Difference } from "./Difference.ts"
import { haproxy } from "./haproxy.ts"
import { nginx } from "./nginx.ts"

export const differences: Readonly<Record<ReferenceProxy, ReadonlyArray<Difference>>> = { nginx, caddy, haproxy }
