// Python packages for a suite: a virtual environment that is ignored by git, beside the requirements.txt that says what is in it.
import { spawnSync } from "node:child_process"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"

const root = resolve(import.meta.dirname, "..")

/** Runs a command at the root, and ends this process where the command fails. */
export const run = (command, args, options = {}) => {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: "inherit", ...options })
  if (status !== 0) {
    if (error !== undefined) console.error(`${command}: ${error.message}`)
    process.exit(status ?? 1)
  }
}

/** Installs what the folder's requirements.txt names into its .venv, unless that is installed already. Returns the path of its Python. */
export const installVenv = (folder) => {
  const requirements = join(root, folder, "requirements.txt")
  const venv = join(root, folder, ".venv")
  const python = join(venv, "bin/python")
  const installed = join(venv, "installed.txt")
  const wanted = readFileSync(requirements, "utf8")
  if (!existsSync(installed) || readFileSync(installed, "utf8") !== wanted) {
    console.log(`Installing ${wanted.trim().split("\n").join(", ")}`)
    run(process.env.PYTHON ?? "python3", ["-m", "venv", "--clear", venv])
    run(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", requirements])
    writeFileSync(installed, wanted)
  }
  return python
}
