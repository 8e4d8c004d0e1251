/** Every case, in the order of the table. */
import type { Group } from "../Case.ts"
import { aborts } from "./aborts.ts"
import { answers } from "./answers.ts"
import { backPressure } from "./backPressure.ts"
import { brokenAnswers } from "./brokenAnswers.ts"
import { connections } from "./connections.ts"
import { fields } from "./fields.ts"
import { forgedFields } from "./forgedFields.ts"
import { limits } from "./limits.ts"
import { ownPaths } from "./ownPaths.ts"
import { requests } from "./requests.ts"
import { shutdown } from "./shutdown.ts"
import { smuggling } from "./smuggling.ts"
import { targets } from "./targets.ts"
import { timeLimits } from "./timeLimits.ts"
import { upgradeOffers } from "./upgradeOffers.ts"
import { upgradeRefusals } from "./upgradeRefusals.ts"
import { webSockets } from "./webSockets.ts"

export const groups: ReadonlyArray<Group> = [
  { title: "smuggling", cases: smuggling },
  { title: "targets", cases: targets },
  { title: "requests", cases: requests },
  { title: "answers", cases: answers },
  { title: "broken answers", cases: brokenAnswers },
  { title: "fields", cases: fields },
  { title: "forged fields", cases: forgedFields },
  { title: "WebSockets", cases: webSockets },
  { title: "upgrade refusals", cases: upgradeRefusals },
  { title: "upgrade offers", cases: upgradeOffers },
  { title: "connections", cases: connections },
  { title: "aborts", cases: aborts },
  { title: "back-pressure", cases: backPressure },
  { title: "limits", cases: limits },
  { title: "time limits", cases: timeLimits },
  { title: "shutdown", cases: shutdown },
  { title: "own paths", cases: ownPaths }
]
