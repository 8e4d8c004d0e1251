/** A real Gradio as a process, and the log of what reached it. */
import { fileURLToPath } from "node:url"
import { startPython } from "../../../gateway/test/apps/startPython.ts"

export interface Gradio {
  readonly url: string
  /** The requests that have reached it: `GET /config`. */
  readonly accessLog: () => ReadonlyArray<string>
  /** Kills it. */
  readonly close: () => Promise<void>
}

const serve = fileURLToPath(new URL("serve.py", import.meta.url))

/** Starts one of the example's apps: `mounted` is both of them in one FastAPI app, the other one under `/admin`. */
export const startGradio = async (which: "public" | "admin" | "mounted", port?: number): Promise<Gradio> => {
  const { url, printed, close } = await startPython((at) => [serve, which, at], "/config", port)
  const all = () =>
    printed()
      .split("\n")
      .filter((line) => line.startsWith("ACCESS "))
      .map((line) => line.slice("ACCESS ".length))
  // What the test itself asks, until there is an answer, and what launch() asks of itself, a moment after it is reachable, is no
  // request that was let through.
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  const own = all().length
  return { url, accessLog: () => all().slice(own), close }
}
