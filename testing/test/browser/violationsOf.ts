/** Whether everybody can use a page, by axe's rules. */
import { createRequire } from "node:module"
import type { AxeResults } from "axe-core"
import type { Page } from "playwright-core"

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js")

/** The rules that the page breaks, each with where. The page's context must bypass its CSP: axe is a script. */
export const violationsOf = async (page: Page): Promise<ReadonlyArray<string>> => {
  await page.addScriptTag({ path: axe })
  const { violations } = (await page.evaluate("axe.run()")) as AxeResults
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))
}
