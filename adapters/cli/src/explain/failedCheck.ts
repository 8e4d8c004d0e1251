/** Every check of the pipeline, in the pipeline's order; and which of them an error of the pipeline stands for. */
import type { AuthError, Settings } from "@cognito-auth/core"
import { readAlbHeader } from "@cognito-auth/core/Claims"
import * as Result from "effect/Result"
import type { Check } from "./Check.ts"
import { claimChecks } from "./claimChecks.ts"
import { headerChecks } from "./headerChecks.ts"
import type { Token } from "./Received.ts"

export const checks: ReadonlyArray<Check> = [...headerChecks, ...claimChecks]

/** The check that the pipeline failed at: one, and always one. */
export const failedCheck = (error: AuthError, settings: Settings, alb: () => Token, nowMillis: number): Check => {
  const found = checks.filter((check) => standsFor(check, error, settings))
  const [first, second] = found
  if (first === undefined)
    throw new Error(`no check stands for ${error._tag}${"check" in error ? ` of ${error.header}, ${error.check}` : ""}`)
  if (second === undefined) return first
  // The ALB writes exp and iss twice, and both are checked under one name: the JOSE header's first.
  return isJoseRefused(error, settings, alb().header, nowMillis) ? first : second
}

const standsFor = ({ id, errors, header, evidence }: Check, error: AuthError, settings: Settings): boolean => {
  if (!errors.includes(error._tag)) return false
  if (error._tag === "KeySourceUnavailable") return id === (isOf(settings.signers, error.source) ? "alb.key" : "access.key")
  if (!("header" in error)) return true
  return header === error.header && (evidence === undefined || evidence === error.check)
}

const isOf = (sources: ReadonlyMap<string, string>, source: string): boolean => [...sources.values()].includes(source)

const isJoseRefused = (error: AuthError, settings: Settings, header: Token["header"], nowMillis: number): boolean => {
  const read = readAlbHeader(settings, header ?? {}, nowMillis)
  return Result.isFailure(read) && read.failure._tag === error._tag && "check" in error && read.failure.check === error.check
}
