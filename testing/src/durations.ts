/** Lengths of time with their unit, as core's options have them. */
import type { DurationText } from "@cognito-auth/core"
import * as Duration from "effect/Duration"

export const toMillis = (duration: DurationText): number => Duration.toMillis(duration)
