/**
 * npm run test:vectors -- DIR: every row of every file of conformance vectors in DIR, which are no part of the repository.
 * Ends with 1 where a `must` row deviates, where a row cannot be judged, or where a file cannot be read.
 */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { judgeAlbToken } from "./judgeAlbToken.ts"
import { judgeBypass } from "./judgeBypass.ts"
import { judgeConfiguration } from "./judgeConfiguration.ts"
import { judgeJwkSet, judgeJws } from "./judgeJws.ts"
import { judgeEmail, judgeGroup } from "./judgePolicy.ts"
import { judgeTransplant } from "./judgeTransplant.ts"
import { type Judge, type Level, levels, type Row, readRows } from "./Row.ts"
import { reasonFor } from "./reasons.ts"

const judges: Readonly<Record<string, Judge>> = {
  "jws-compact": judgeJws,
  "jwk-set": judgeJwkSet,
  "alb-token": judgeAlbToken,
  "signature-transplant": judgeTransplant,
  "email-match": judgeEmail,
  "group-match": judgeGroup,
  bypass: judgeBypass,
  "config-validation": judgeConfiguration
}

interface Deviation {
  readonly row: Row
  /** The actual outcome; `undefined`: none, because the row could not be evaluated. */
  readonly outcome: string | undefined
  readonly because: string
}

const judge = async (row: Row): Promise<Deviation | undefined> => {
  const judgeOfKind = Object.hasOwn(judges, row.kind) ? judges[row.kind] : undefined
  if (judgeOfKind === undefined) return { row, outcome: undefined, because: `there is no judge for the kind ${row.kind}` }
  try {
    const { outcome, because } = await judgeOfKind(row.input)
    return outcome === row.expected ? undefined : { row, outcome, because }
  } catch (error) {
    return { row, outcome: undefined, because: String(error) }
  }
}

const describe = ({ row, outcome, because }: Deviation): string => {
  const reason = row.level === "must" || outcome === undefined ? undefined : (reasonFor(row.id) ?? "none was recorded")
  return [
    `  ${row.level} ${row.id}: expected ${row.expected}, got ${outcome ?? "no verdict"} (${because})`,
    `    the row: ${row.why}`,
    ...(reason === undefined ? [] : [`    our reason: ${reason}`])
  ].join("\n")
}

const print = (line: string) => process.stdout.write(`${line}\n`)

const columns = (file: string, ...rest: ReadonlyArray<string | number>) =>
  [file.padEnd(30), ...rest.map((cell) => String(cell).padStart(8))].join("")

const run = async (folder: string): Promise<boolean> => {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith(".jsonl"))
    .sort()
  if (files.length === 0) {
    print(`${folder} holds no .jsonl file.`)
    return false
  }
  const deviations: Array<Deviation> = []
  const unreadable: Array<string> = []
  print(columns("file", "rows", "passed", ...levels))
  for (const file of files) {
    let rows: ReadonlyArray<Row>
    try {
      rows = readRows(readFileSync(join(folder, file), "utf8"))
    } catch (error) {
      unreadable.push(`${file}: ${error instanceof Error ? error.message : String(error)}`)
      continue
    }
    const found: Array<Deviation> = []
    for (const row of rows) {
      const deviation = await judge(row)
      if (deviation !== undefined) found.push(deviation)
    }
    const count = (level: Level) => found.filter(({ row }) => row.level === level).length
    print(columns(file, rows.length, rows.length - found.length, ...levels.map(count)))
    deviations.push(...found)
  }
  print(deviations.length === 0 ? "\nNo deviation." : `\nDeviations:\n${deviations.map(describe).join("\n")}`)
  for (const line of unreadable) print(`\nNot read: ${line}`)
  return unreadable.length === 0 && deviations.every(({ row, outcome }) => row.level !== "must" && outcome !== undefined)
}

const [folder, ...rest] = process.argv.slice(2)
if (folder === undefined || rest.length > 0) {
  process.stderr.write("Usage: npm run test:vectors -- DIR, the folder that holds the vectors as .jsonl files.\n")
  process.exitCode = 2
} else {
  process.exitCode = (await run(folder)) ? 0 : 1
}
