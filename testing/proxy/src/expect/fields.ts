/** Header fields, expected and received. */

import { fail } from "../Mismatch.ts"
import { type Field, quote, valuesOf } from "../wire/Message.ts"

/** By name in any case: all values in their order, or the one; a pattern that the only one matches; `undefined` for none. */
export type ExpectedFields = Readonly<Record<string, string | ReadonlyArray<string> | RegExp | undefined>>

export const expectFields = (whose: string, fields: ReadonlyArray<Field>, expected: ExpectedFields = {}): void => {
  for (const [name, wanted] of Object.entries(expected)) {
    const values = valuesOf(fields, name)
    const received = `${whose}: ${name} is ${values.length === 0 ? "absent" : values.map(quote).join(" and ")}`
    if (wanted instanceof RegExp) {
      if (values.length !== 1 || !wanted.test(values[0] ?? "")) fail(`${received}, expected ${wanted}`)
      continue
    }
    const list = wanted === undefined ? [] : [wanted].flat()
    if (list.length !== values.length || list.some((each, i) => each !== values[i]))
      fail(`${received}, expected ${list.length === 0 ? "none" : list.map(quote).join(" and ")}`)
  }
}
