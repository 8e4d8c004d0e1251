/** Every case, in the order of the table. */
import type { Group } from "../Case.ts"
import { answers } from "./answers.ts"
import { fields } from "./fields.ts"
import { forgedFields } from "./forgedFields.ts"
import { requests } from "./requests.ts"
import { smuggling } from "./smuggling.ts"
import { targets } from "./targets.ts"

export const groups: ReadonlyArray<Group> = [
  { title: "smuggling", cases: smuggling },
  { title: "targets", cases: targets },
  { title: "requests", cases: requests },
  { title: "answers", cases: answers },
  { title: "fields", cases: fields },
  { title: "forged fields", cases: forgedFields }
]
