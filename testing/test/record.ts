/** What a test records while it runs. */
import { onTestFinished, vi } from "vitest"

/** Records what would have ended the process, until the test ends. */
export const recordCrashes = (): ReadonlyArray<unknown> => {
  const crashes: Array<unknown> = []
  const record = (cause: unknown) => void crashes.push(cause)
  process.on("uncaughtException", record).on("unhandledRejection", record)
  onTestFinished(() => {
    process.off("uncaughtException", record).off("unhandledRejection", record)
  })
  return crashes
}

/** Records the lines of the log until the test ends, and keeps them off the screen. */
export const recordLog = (): ReadonlyArray<string> => {
  const lines: Array<string> = []
  const spy = vi.spyOn(console, "log").mockImplementation((...words) => void lines.push(words.join(" ")))
  onTestFinished(() => spy.mockRestore())
  return lines
}
