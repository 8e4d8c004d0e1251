/** The gateway, the mounts and the local ALB: each is `serve.ts` in a Node of its own. */
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { makeForge } from "@cognito-auth/testing"
import type { OwnSubject } from "../Case.ts"
import { readyLine, type Served } from "./Served.ts"
import type { Subject } from "./Subject.ts"
import { startProcess } from "./startProcess.ts"

const serveFile = fileURLToPath(import.meta.resolve("./serve.js"))
// A run takes minutes, and asks with the same tokens from its beginning to its end.
const forge = await makeForge({ albLifetime: "2 hours", accessLifetime: "2 hours" })
const user = { email: "ada@example.com", groups: ["staff"] }
const headers = Object.entries(await forge.headers(user))

export const nodeSubject = (name: OwnSubject): Subject => ({
  name,
  // The app behind the local ALB does not authenticate.
  auth: name === "alb" ? "" : headers.map(([field, value]) => `${field}: ${value}\r\n`).join(""),
  start: async (place) => {
    const { address, routes, folder } = place
    const served: Served = { name, address, routes, auth: { ...forge.settings().options, keys: forge.givenKeys() } }
    const file = join(folder, "served.json")
    await writeFile(file, JSON.stringify(served))
    return startProcess(process.execPath, [serveFile, file], place, "SIGTERM", readyLine)
  }
})
