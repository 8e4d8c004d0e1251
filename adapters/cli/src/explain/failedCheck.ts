/** Every check of the pipeline in order, and the check that belongs to an error of the pipeline. */
import type { AuthError, Settings } from "@cognito-auth/core"
import { type CheckId, checkIds, checkNameOf, checks as rows } from "@cognito-auth/core/Check"
import { readAlbHeader } from "@cognito-auth/core/Claims"
import * as Result from "effect/Result"
import { bearerChecks } from "./bearerChecks.ts"
import type { Check, Shown, StepId } from "./Check.ts"
import { claimChecks } from "./claimChecks.ts"
import { headerChecks } from "./headerChecks.ts"
import type { Asks, Token } from "./Received.ts"
import { requestChecks } from "./requestChecks.ts"

/** Every check of core needs a row here: without one, this does not compile. */
const shown: Readonly<Record<StepId, Shown>> = { ...requestChecks, ...headerChecks, ...claimChecks, ...bearerChecks }

const ids: ReadonlyArray<StepId> = ["request.target", "request.origin", ...checkIds, "policy"]

export const checks: ReadonlyArray<Check> = ids.map((id) => ({ id, ...shown[id] }))

/** The check that failed: always exactly one. */
export const failedCheck = (error: AuthError, settings: Settings, asks: Asks, alb: () => Token, nowMillis: number): Check => {
  const found = checks.filter((check) => belongsTo(check, error, settings, asks))
  const [first, second] = found
  if (first === undefined)
    throw new Error(`no check belongs to ${error._tag}${"check" in error ? ` of ${error.header}, ${error.check}` : ""}`)
  if (second === undefined) return first
  // The ALB's token has exp and iss twice, and both checks have the same name. The one in the JOSE header comes first.
  return isJoseRefused(error, settings, alb().header, nowMillis) ? first : second
}

const belongsTo = ({ id }: Check, error: AuthError, settings: Settings, asks: Asks): boolean => {
  if (error._tag === "TargetInvalid" || error._tag === "TargetTooLong") return id === "request.target"
  if (error._tag === "CrossOriginRefused") return id === "request.origin"
  if (error._tag === "NotAuthorised" || error._tag === "PolicyUnavailable") return id === "policy"
  if (error._tag === "KeySourceUnavailable" && asks === "service") return id === "bearer.key"
  if (error._tag === "KeySourceUnavailable") return id === (isOf(settings.signers, error.source) ? "alb.key" : "access.key")
  if (!("header" in error) || !isCheck(id)) return false
  return rows[id].header === error.header && checkNameOf(id, error._tag) === error.check
}

const isCheck = (id: StepId): id is CheckId => Object.hasOwn(rows, id)

const isOf = (sources: ReadonlyMap<string, string>, source: string): boolean => [...sources.values()].includes(source)

const isJoseRefused = (error: AuthError, settings: Settings, header: Token["header"], nowMillis: number): boolean => {
  const read = readAlbHeader(settings, header ?? {}, nowMillis)
  return Result.isFailure(read) && read.failure._tag === error._tag && "check" in error && read.failure.check === error.check
}
