// npm run test:pack: every package packed, installed from its tarball into an empty project, and used there as its users will.
import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { testApps } from "./packedApps.mjs"

const root = resolve(import.meta.dirname, "..")
const readJson = (path) => JSON.parse(readFileSync(path, "utf8"))
const run = (command, args, cwd, env = process.env) => {
  const { status, stdout, error } = spawnSync(command, args, {
    cwd,
    env,
    timeout: 600_000,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"]
  })
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${error?.message ?? `exit ${status}`}\n${stdout}`)
  return stdout
}
const tsc = join(root, "node_modules/typescript/bin/tsc")

/** @returns {Array<{ folder: string, manifest: any }>} the packages that are published */
const findPackages = () =>
  readJson(join(root, "package.json"))
    .workspaces.flatMap((pattern) => {
      if (!pattern.endsWith("/*")) return [pattern]
      const parent = pattern.slice(0, -2)
      return readdirSync(join(root, parent)).map((name) => `${parent}/${name}`)
    })
    .filter((folder) => existsSync(join(root, folder, "package.json")))
    .map((folder) => ({ folder, manifest: readJson(join(root, folder, "package.json")) }))
    .filter(({ manifest }) => manifest.private !== true)

const pack = (packages, destination) => {
  const workspaces = packages.flatMap(({ folder }) => ["--workspace", folder])
  const packed = JSON.parse(run("npm", ["pack", "--json", "--pack-destination", destination, ...workspaces], root))
  return packages.map((item) => {
    const tarball = Object.values(packed).find(({ name }) => name === item.manifest.name)
    const modes = new Map(tarball.files.map(({ path, mode }) => [path, mode]))
    return { ...item, tarball: join(destination, tarball.filename), files: [...modes.keys()], modes }
  })
}

const checkFiles = ({ folder, manifest, files, modes }) => {
  for (const file of ["package.json", "README.md", "LICENSE", "src/index.ts", "dist/index.js", "dist/index.d.ts"]) {
    assert(files.includes(file), `${manifest.name} packs no ${file}`)
  }
  for (const file of files) {
    assert.match(
      file,
      /^(package\.json|README\.md|LICENSE|(src|dist)\/.*[^/]|bin\/[^/]+\.js|[^/]+\.schema\.json)$/,
      `${manifest.name} packs ${file}`
    )
    assert.doesNotMatch(file, /(^|\/)(test|node_modules|\.[^/]+)(\/|$)|\.(test|prop)\.|\.tsbuildinfo$/, `${manifest.name} packs ${file}`)
    const source = file.match(/^dist\/(.*?)(\.d)?\.[jt]s(\.map)?$/)?.[1]
    assert(
      source === undefined || files.includes(`src/${source}.ts`),
      `${folder}/${file} has no source: remove ${folder}/dist, and build again`
    )
  }
  for (const target of Object.values(manifest.exports).flatMap((target) => (typeof target === "string" ? target : Object.values(target)))) {
    assert(files.includes(target.slice(2)), `${manifest.name} exports ${target}, which is not packed`)
  }
  for (const target of Object.values(manifest.bin ?? {})) {
    const file = target.slice(2)
    assert(!file.startsWith("dist/"), `${manifest.name}: npm does not link ${file} in a fresh clone, where nothing is built`)
    assert.equal(modes.get(file) & 0o111, 0o111, `${manifest.name} packs no executable ${file}`)
  }
  assert.equal(manifest.type, "module")
  assert.equal(manifest.license, "MIT")
  assert.equal(manifest.engines.node, ">=20.19")
}

/** Every specifier of a module that the package's `exports` name. */
const specifiersOf = ({ manifest }) =>
  Object.entries(manifest.exports).flatMap(([path, target]) => {
    if (typeof target === "string") return []
    assert(Object.keys(target).join() === "source,types,default", `${manifest.name} exports ${path} in another way than the others`)
    return [manifest.name + path.slice(1)]
  })

/** Imports and requires every specifier; both must show the same names. */
const load = (project, name, specifiers) => {
  writeFileSync(join(project, `${name}.mjs`), `${list(specifiers)}for (const s of specifiers) show(s, await import(s))\n`)
  writeFileSync(join(project, `${name}.cjs`), `${list(specifiers)}for (const s of specifiers) show(s, require(s))\n`)
  const imported = run("node", [`${name}.mjs`], project)
  assert.equal(run("node", [`${name}.cjs`], project), imported, "import and require differ")
}
const list = (specifiers) =>
  `const specifiers = ${JSON.stringify(specifiers)}\nconst show = (s, m) => console.log(s, Object.keys(m).filter((k) => k !== "__esModule").sort().join())\n`

/** The examples of the packages' READMEs and of the root's, as modules of a user. */
const examplesOf = (folder) =>
  [...readFileSync(join(root, folder, "README.md"), "utf8").matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code)

const typeCheck = (project, packages, specifiers) => {
  const files = {
    "esm.ts": specifiers.map((s, i) => `import * as m${i} from ${JSON.stringify(s)}\nexport { m${i} }\n`).join(""),
    "cjs.cts": specifiers.map((s, i) => `import m${i} = require(${JSON.stringify(s)})\nexport { m${i} }\n`).join("")
  }
  for (const folder of [".", ...packages.map(({ folder }) => folder)]) {
    for (const [i, code] of examplesOf(folder).entries()) files[`${folder === "." ? "root" : folder.replaceAll("/", "-")}-${i}.ts`] = code
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(project, name), text)
  const options = "--strict --module nodenext --target es2023 --types node --noEmit --skipLibCheck false".split(" ")
  run("node", [tsc, "--ignoreConfig", ...options, ...Object.keys(files)], project)
  return Object.keys(files).length
}

/** Modules that a package's `exports` do not name are closed to its users, by whatever name. */
const checkClosed = (project, { manifest, files }) => {
  const open = Object.values(manifest.exports).flatMap((target) => (typeof target === "string" ? [] : [target.default.slice(2)]))
  const closed = files.filter((file) => file.startsWith("dist/") && file.endsWith(".js") && !open.includes(file))
  const names = closed.flatMap((file) => [file, file.slice("dist/".length), file.slice("dist/".length, -".js".length)])
  const code = `for (const name of ${JSON.stringify(names)}) {
    const specifier = ${JSON.stringify(manifest.name)} + "/" + name
    await import(specifier).then(() => console.log(specifier), ({ code }) => code === "ERR_PACKAGE_PATH_NOT_EXPORTED" || console.log(specifier, code))
  }`
  assert.equal(run("node", ["--input-type=module", "--eval", code], project), "", `${manifest.name} is open where its exports name nothing`)
}

/** An app whose policy is a secret: core finds the package that reads it by name, which no type and no test of sources shows. */
const readSecret = (project) => {
  const app = `import { createServer } from "node:http"
import { makeAdapterRuntime } from "@cognito-auth/core"
const server = createServer((request, response) => {
  if (request.headers["x-amz-target"] !== "secretsmanager.GetSecretValue" || !request.headers.authorization) response.statusCode = 400
  response.end(JSON.stringify({ Name: "my-app", SecretString: '{"allowed_groups": ["staff"]}' }))
}).listen(0, "127.0.0.1", async () => {
  process.env.AWS_ENDPOINT_URL_SECRETS_MANAGER = \`http://127.0.0.1:\${server.address().port}\`
  const app = makeAdapterRuntime()
  await app.reload()
  console.log("policy:", app.auth.settings.policySource.peek(Date.now()).describe)
  await app.dispose()
  server.close()
})
`
  writeFileSync(join(project, "secret.mjs"), app)
  const env = {
    ...process.env,
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    COGNITO_AUTH_USER_POOL_ID: "eu-west-2_AbC123xyz",
    COGNITO_AUTH_CLIENT_ID: "client",
    COGNITO_AUTH_ALB_ARN: "arn:aws:elasticloadbalancing:eu-west-2:123456789012:loadbalancer/app/my-alb/50dc6c495c0c9188",
    COGNITO_AUTH_SECRET_NAME: "my-app"
  }
  const output = run("node", ["--no-warnings", "secret.mjs"], project, env)
  assert.match(output, /^policy: a member of staff$/m, `the policy did not come from the secret: ${output}`)
}

/** The optional peers, in the versions that the repository is tested with; those of its own are there already. */
const optionalPeersOf = ({ folder, manifest }) =>
  Object.keys(manifest.peerDependenciesMeta ?? {})
    .filter((name) => !name.startsWith("@cognito-auth/"))
    .map((name) => `${name}@${versionOf(folder, name)}`)
const versionOf = (folder, name) => {
  const places = [folder, "."].map((place) => join(root, place, "node_modules", name, "package.json"))
  return readJson(places.find(existsSync) ?? places[1]).version
}

const testPackages = (folder) => {
  const found = findPackages()
  run("node", [tsc, "-b", ...found.map((item) => item.folder)], root)
  const packages = pack(found, folder)
  packages.forEach(checkFiles)
  console.log(`packed: ${packages.map(({ manifest }) => manifest.name).join(", ")}`)

  const project = join(folder, "project")
  mkdirSync(project)
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "consumer", private: true, type: "module" }))
  const install = (...what) => run("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error", ...what], project)
  install(...packages.map(({ tarball }) => tarball))

  // The main entry of each must do without the optional peers, which are not there yet.
  load(
    project,
    "main",
    packages.map(({ manifest }) => manifest.name)
  )
  install(...packages.flatMap(optionalPeersOf), `@types/node@${versionOf(".", "@types/node")}`)

  const specifiers = packages.flatMap(specifiersOf)
  load(project, "every", specifiers)
  for (const item of packages) checkClosed(project, item)
  readSecret(project)
  console.log(`loaded: ${specifiers.length} entries, by import and by require, with Node ${process.versions.node}`)

  for (const { manifest } of packages) {
    for (const name of Object.keys(manifest.bin ?? {})) run("npx", ["--no-install", name, "--help"], project)
  }
  console.log(`type-checked: ${typeCheck(project, packages, specifiers)} files of a user, README examples among them`)

  testApps({ folder, packages, run, tsc, versionOf: (name, place = ".") => versionOf(place, name) })
}

const folder = mkdtempSync(join(tmpdir(), "cognito-auth-pack-"))
try {
  testPackages(folder)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
