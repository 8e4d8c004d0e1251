/** How lines of the log are written where the app gives no logger. */
import type * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import type { Environment } from "./processEnvironment.ts"

/** In production, log lines are JSON; elsewhere text, for people. */
export const loggersOf = ({ NODE_ENV }: Environment): Layer.Layer<never> =>
  Logger.layer([NODE_ENV === "production" ? Logger.consoleJson : readable])

/** A message of a custom source must not forge another line. */
const escapeControls = (text: string): string =>
  text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, "0")}`)

const readable = Logger.withConsoleLog(
  Logger.make(
    ({ date, logLevel, message }) =>
      `[${date.toISOString().slice(11, 23)}] ${logLevel.toUpperCase()}: ${escapeControls([message].flat().join(" "))}`
  )
)
