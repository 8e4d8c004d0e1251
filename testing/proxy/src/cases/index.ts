/** Every case, in the order of the table. */
import type { Group } from "../Case.ts"
import { smuggling } from "./smuggling.ts"

export const groups: ReadonlyArray<Group> = [{ title: "smuggling", cases: smuggling }]
