// Part of npm run test:pack: apps as new users write them, each in a project that holds nothing but what its user has installed.
import assert from "node:assert/strict"
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"

const hello = /^Hello ada@example\.com 401 403$/m

/**
 * @param {{ folder: string, packages: Array<{ manifest: any, tarball: string }>, run: Function, tsc: string, versionOf: (name: string) => string }} given
 */
export const testApps = ({ folder, packages, run, tsc, versionOf }) => {
  const tarballs = Object.fromEntries(packages.map(({ manifest, tarball }) => [manifest.name, `file:${tarball}`]))
  const types = { "@types/node": versionOf("@types/node") }
  const newest = versionOf("effect")

  /** A project with these dependencies alone. What ours depend on is of the same tarballs, as if they were in the registry. */
  const project = (name, app, ours, dependencies) => {
    const place = join(folder, name)
    const install = (more = {}) => {
      const own = Object.fromEntries(
        [...ours, ...Object.keys(more)].filter((each) => each in tarballs).map((each) => [each, tarballs[each]])
      )
      const manifest = { name, private: true, type: "module", dependencies: { ...dependencies, ...more, ...own }, overrides: tarballs }
      writeFileSync(join(place, "package.json"), JSON.stringify(manifest))
      run("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error"], place)
    }
    mkdirSync(place)
    install()
    const [effect, ...others] = copiesOf("effect", join(place, "node_modules"))
    assert(effect !== undefined, `${name}: npm installs no effect`)
    assert.deepEqual(others, [], `${name}: effect is there more than once`)
    install({ "@cognito-auth/testing": "", ...types })
    assert.deepEqual(copiesOf("effect", join(place, "node_modules")), [effect], `${name}: testing brings another effect`)
    copyFileSync(join(import.meta.dirname, "packedApps", `${app}.ts`), join(place, "app.ts"))
    const options = "--ignoreConfig --strict --exactOptionalPropertyTypes --module nodenext --target es2023 --types node".split(" ")
    for (const skip of ["true", "false"]) run("node", [tsc, ...options, "--skipLibCheck", skip, "app.ts"], place)
    return { effect, start: (...args) => run("node", args, place) }
  }

  const express = project("express-app", "express", ["@cognito-auth/express"], {
    express: versionOf("express", "adapters/express"),
    "@types/express": versionOf("@types/express", "adapters/express")
  })
  const quiet = express.start("app.js")
  assert.match(quiet, hello)
  assert.doesNotMatch(quiet, /this server/)
  assert.match(express.start("app.js", "--defaults"), /this server .*431.*502/)
  // What the command line says counts.
  const raised = express.start("--max-http-header-size=65536", "app.js", "--defaults")
  assert.match(raised, /this server .*502/)
  assert.doesNotMatch(raised, /431/)

  const fastify = project("fastify-app", "fastify", ["@cognito-auth/fastify"], { fastify: versionOf("fastify", "adapters/fastify") })
  assert.match(fastify.start("app.js"), hello)

  const lambda = project("lambda-app", "lambda", ["@cognito-auth/lambda"], {})
  assert.match(lambda.start("app.js"), /^Hello ada@example\.com at \/ 401$/m)

  // Both ends of the range that core's peer allows.
  const oldest = packages.find(({ manifest }) => manifest.name === "@cognito-auth/core").manifest.peerDependencies.effect.replace("^", "")
  for (const version of [oldest, newest]) {
    const { effect, start } = project(`effect-${version}-app`, "effect", ["@cognito-auth/core"], { effect: version })
    assert.equal(effect, version)
    assert.match(start("app.js"), /^Hello ada@example\.com HeaderMissing$/m)
  }
  console.log(`apps: Express, Fastify and Lambda with effect ${express.effect} from npm's peers; Effect with ${oldest} and ${newest}`)
}

/** The versions of a package that are anywhere below a node_modules folder. */
const copiesOf = (name, modules) =>
  readdirSync(modules, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name === "package.json" && entry.parentPath.endsWith(`node_modules/${name}`))
    .map((entry) => JSON.parse(readFileSync(join(entry.parentPath, entry.name), "utf8")).version)
