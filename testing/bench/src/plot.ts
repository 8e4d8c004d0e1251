/** npm run bench:plot -- result.json folder: draws every curve of a result of `npm run bench -- --json`. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Curve } from "./Scenario.ts"
import { toSvg } from "./svg.ts"

const [result, folder] = process.argv.slice(2)
if (result === undefined || folder === undefined) {
  console.error("Usage: npm run bench:plot -- result.json folder")
  process.exit(2)
}
const { curves } = JSON.parse(readFileSync(result, "utf8")) as { readonly curves: ReadonlyArray<Curve> }
mkdirSync(folder, { recursive: true })
for (const curve of curves) {
  const path = join(folder, `${curve.name}.svg`)
  writeFileSync(path, toSvg(curve))
  console.log(path)
}
