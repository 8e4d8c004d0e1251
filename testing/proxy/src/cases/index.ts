/** Every case, in the order of the table. */
import type { Group } from "../Case.ts"
import { answers } from "./answers.ts"
import { connections } from "./connections.ts"
import { fields } from "./fields.ts"
import { forgedFields } from "./forgedFields.ts"
import { limits } from "./limits.ts"
import { requests } from "./requests.ts"
import { shutdown } from "./shutdown.ts"
import { smuggling } from "./smuggling.ts"
import { targets } from "./targets.ts"
import { upgrades } from "./upgrades.ts"

export const groups: ReadonlyArray<Group> = [
  { title: "smuggling", cases: smuggling },
  { title: "targets", cases: targets },
  { title: "requests", cases: requests },
  { title: "answers", cases: answers },
  { title: "fields", cases: fields },
  { title: "forged fields", cases: forgedFields },
  { title: "upgrades", cases: upgrades },
  { title: "connections", cases: connections },
  { title: "limits", cases: limits },
  { title: "shutdown", cases: shutdown }
]
