/** The command is tested as its users have it: built, and started as a process. */
import { execFileSync } from "node:child_process"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

export const setup = (): void => {
  const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc")
  // What core loads by itself where it is installed is there, too.
  const packages = ["..", "../../secrets-manager"].map((path) => fileURLToPath(new URL(path, import.meta.url)))
  execFileSync(process.execPath, [tsc, "-b", ...packages], { stdio: "inherit" })
}
