#!/usr/bin/env node
// Committed, and not built: npm links a command only if its file exists when it installs, which in a fresh clone is before any build.
import { existsSync } from "node:fs"

const built = new URL("../dist/bin.js", import.meta.url)
if (existsSync(built)) await import(built.href)
else {
  console.error("cognito-auth: not built yet. In a clone of the repository, run npm run build first.")
  process.exitCode = 2
}
