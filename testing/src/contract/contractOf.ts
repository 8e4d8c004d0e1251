/**
 * The table: every scenario, for one adapter.
 *
 * @module
 */
import type { Contract } from "./Scenario.ts"
import { type Row, stage } from "./Stage.ts"
import { attacking } from "./scenarios/attacks.ts"
import { bypass } from "./scenarios/bypass.ts"
import { crossOrigin } from "./scenarios/crossOrigin.ts"
import { errors } from "./scenarios/errors.ts"
import { headers } from "./scenarios/headers.ts"
import { healthCheck } from "./scenarios/healthCheck.ts"
import { keyHost } from "./scenarios/keys.ts"
import { negotiation } from "./scenarios/negotiation.ts"
import { providers } from "./scenarios/providers.ts"
import { rules } from "./scenarios/rules.ts"
import { services } from "./scenarios/services.ts"
import { session } from "./scenarios/session.ts"
import { sharing } from "./scenarios/sharing.ts"
import { signOut } from "./scenarios/signOut.ts"
import { longLived } from "./scenarios/streams.ts"
import { targets } from "./scenarios/targets.ts"
import { upgrading } from "./scenarios/upgrades.ts"

// Those that wait for a session to expire come first: where rows run concurrently, the others run meanwhile.
const rows: ReadonlyArray<Row> = [
  ...longLived,
  ...upgrading,
  ...errors,
  ...attacking,
  ...providers,
  ...negotiation,
  ...bypass,
  ...targets,
  ...crossOrigin,
  ...headers,
  ...rules,
  ...services,
  ...keyHost,
  ...sharing,
  ...session,
  ...healthCheck,
  ...signOut
]

/**
 * The requirements of an adapter, as scenarios for any test runner. Each builds its own app with `build`, so they can
 * run in any order, and concurrently.
 *
 * @example
 * import { describe, it } from "node:test"
 * describe("the contract", { concurrency: 8 }, () => {
 *   for (const { name, run } of contract(build)) it(name, run)
 * })
 */
export const contract: Contract = (build, { only, services: takesServices = false } = {}) =>
  rows
    .filter(({ isOfServices = false }) => takesServices || !isOfServices)
    .filter(({ part }) => only === undefined || [only].flat().includes(part))
    .map((row) => ({ name: row.name, part: row.part, run: () => stage(build, row) }))
