/** An app of docs/examples/python as a process. */
import { fileURLToPath } from "node:url"
import { freePort } from "../../../../testing/test/freePort.ts"
import { patienceMillis, type RunningProcess, startProcess } from "../../../../testing/test/startProcess.ts"

export interface PythonApp extends Pick<RunningProcess, "printed" | "close"> {
  readonly url: string
}

/** Starts Python with the arguments for a port, in the examples' folder. Resolves when the path answers 200. */
export const startPython = async (args: (port: string) => ReadonlyArray<string>, path: string, port?: number): Promise<PythonApp> => {
  const python = process.env["APPS_PYTHON"]
  if (python === undefined) throw new Error("APPS_PYTHON does not say where the apps are installed: run npm run test:apps.")
  const at = port ?? (await freePort())
  const { printed, hasEnded, close } = startProcess(python, args(String(at)), {
    cwd: fileURLToPath(new URL("../../../../docs/examples/python", import.meta.url)),
    env: { ...process.env, PYTHONUNBUFFERED: "1", PYTHONDONTWRITEBYTECODE: "1" }
  })
  const url = `http://127.0.0.1:${at}`
  const isUp = () =>
    fetch(url + path).then(
      (answer) => answer.ok,
      () => false
    )
  const before = Date.now()
  while (!(await isUp())) {
    if (hasEnded() || Date.now() - before > patienceMillis) {
      await close()
      throw new Error(`${args(String(at)).join(" ")} does not start:\n${printed()}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  return { url, printed, close }
}
