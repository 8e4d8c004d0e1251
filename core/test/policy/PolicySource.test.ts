import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { ConfigurationError, Policy, PolicySource } from "@cognito-auth/core"
import { openPolicyFile } from "@cognito-auth/core/PolicySourceFile"
import { itEffect } from "@cognito-auth/testing/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Logger from "effect/Logger"
import { TestClock } from "effect/testing"
import { afterAll, describe, expect, it, vi } from "vitest"
import { failureOf, successOf } from "../outcome.ts"
import { userWith } from "../userOf.ts"
import { verdictOf } from "../verdictOf.ts"

const admitsGroup = (policy: Policy.Policy | undefined, group: string) => verdictOf(policy, userWith("a@example.com", [group])).allowed
const documentOf = (...groups: ReadonlyArray<string>) => JSON.stringify({ allowed_groups: groups })

describe("PolicySource.memory", () => {
  it("gives a policy that never changes, by itself and as a layer", async () => {
    const policy = Policy.fromLists({ allowedGroups: ["staff"] })
    const source = PolicySource.memory(policy)
    expect(source.peek(0)).toBe(policy)
    expect(await Effect.runPromise(source.current)).toBe(policy)
    await Effect.runPromise(Effect.andThen(source.reload, source.watch))
    const layered = await Effect.runPromise(PolicySource.pipe(Effect.provide(PolicySource.layerMemory(policy))))
    expect(layered.peek(Number.MAX_SAFE_INTEGER)).toBe(policy)
  })
})

/** A document that the test can change, break and take away. */
const makeDocument = (initial: string, options: { readonly isRead?: boolean } = {}) => {
  const state = { answer: async () => initial, reads: 0, onChange: () => {}, subscribers: 0 }
  const source = PolicySource.document({
    name: "secret my-app",
    read: () => {
      state.reads++
      return state.answer()
    },
    initial: options.isRead === true ? initial : undefined,
    subscribe: (onChange) => {
      state.onChange = onChange
      state.subscribers++
      return () => {
        state.subscribers--
      }
    }
  })
  return { state, source }
}

const unreachable = () => Promise.reject(new Error("ECONNREFUSED"))

/** What is logged while the Effect runs. */
const logged = <A, E, R>(effect: Effect.Effect<A, E, R>) => {
  const lines: Array<string> = []
  const logger = Logger.make(({ message }) => {
    lines.push([message].flat().map(String).join(" "))
  })
  return Effect.map(Effect.provide(effect, Logger.layer([logger])), (value) => ({ value, lines }))
}

describe("PolicySource.document", () => {
  itEffect("is not available before it has been read, once for all waiting requests", () =>
    Effect.gen(function* () {
      const { state, source } = makeDocument(documentOf("staff"))
      expect(source.peek(0)).toBeUndefined()
      const policies = yield* Effect.all(
        Array.from({ length: 100 }, () => source.current),
        { concurrency: "unbounded" }
      )
      for (const policy of policies) expect(admitsGroup(policy, "staff")).toBe(true)
      expect(state.reads).toBe(1)
      expect(source.peek(0)).toBe(policies[0])
    })
  )

  itEffect("that was read before its first use may be old by then: it is read again, and used for a day where that fails", () =>
    Effect.gen(function* () {
      const changed = makeDocument(documentOf("old"), { isRead: true })
      changed.state.answer = async () => documentOf("new")
      yield* TestClock.adjust("10 hours")
      expect(changed.source.peek(36_000_000)).toBeUndefined()
      expect(admitsGroup(yield* changed.source.current, "new")).toBe(true)
      const { state, source } = makeDocument(documentOf("staff"), { isRead: true })
      state.answer = unreachable
      expect(admitsGroup(yield* source.current, "staff")).toBe(true)
      expect(state.reads).toBe(1)
      yield* TestClock.adjust("1 days")
      expect(admitsGroup(yield* source.current, "staff")).toBe(true)
      yield* TestClock.adjust("5 seconds")
      expect(yield* Effect.flip(source.current)).toMatchObject({ _tag: "PolicyUnavailable" })
    })
  )

  itEffect("is read again in the background before five minutes are over", () =>
    Effect.gen(function* () {
      const { state, source } = makeDocument(documentOf("old"))
      yield* source.current
      state.answer = async () => documentOf("new")
      yield* TestClock.adjust("149 seconds")
      expect(admitsGroup(source.peek(149_000), "old")).toBe(true)
      yield* TestClock.adjust("1 seconds")
      expect(source.peek(150_000)).toBeUndefined()
      expect(admitsGroup(yield* source.current, "old")).toBe(true)
      yield* Effect.promise(() => Promise.resolve())
      yield* TestClock.adjust("1 seconds")
      expect(state.reads).toBe(2)
      expect(admitsGroup(source.peek(151_000), "new")).toBe(true)
    })
  )

  itEffect("of five minutes is read before it is used", () =>
    Effect.gen(function* () {
      const { state, source } = makeDocument(documentOf("old"))
      yield* source.current
      state.answer = async () => documentOf("new")
      yield* TestClock.adjust("300 seconds")
      expect(admitsGroup(yield* source.current, "new")).toBe(true)
    })
  )

  itEffect("stays in force for a day while it is unreachable or invalid, and logs it", () =>
    Effect.gen(function* () {
      for (const broken of [unreachable, async () => "{", async () => documentOf(), async () => '{"allowed_users": ["SECRET"]}']) {
        const { state, source } = makeDocument(documentOf("staff"))
        yield* source.current
        state.answer = broken
        const { value, lines } = yield* logged(Effect.flip(source.reload))
        expect(value).toMatchObject({ _tag: "PolicyUnavailable", retryAfterSeconds: 5 })
        expect(lines).toEqual([expect.stringContaining("the last valid policy stays in force")])
        expect(lines.join()).not.toContain("SECRET")
        expect(admitsGroup(yield* source.current, "staff")).toBe(true)
        yield* TestClock.adjust("1 days")
        expect(admitsGroup(yield* source.current, "staff")).toBe(true)
        yield* TestClock.adjust("6 minutes")
        expect(source.peek(yield* Clock.currentTimeMillis)).toBeUndefined()
        expect(yield* Effect.flip(source.current)).toMatchObject({ _tag: "PolicyUnavailable" })
        state.answer = async () => documentOf("back")
        yield* TestClock.adjust("5 seconds")
        expect(admitsGroup(yield* source.current, "back")).toBe(true)
      }
    })
  )

  itEffect(
    "that was read while the clock was ahead is read before it is used once that is corrected, and used for a day where that fails",
    () =>
      Effect.gen(function* () {
        const ahead = 48 * 3_600_000
        yield* TestClock.setTime(ahead)
        const { state, source } = makeDocument(documentOf("leavers"))
        yield* source.current
        state.answer = async () => documentOf("staff")
        yield* TestClock.setTime(60_000)
        expect(source.peek(60_000)).toBeUndefined()
        expect(admitsGroup(yield* source.current, "leavers")).toBe(false)
        yield* TestClock.setTime(ahead)
        const { state: failing, source: other } = makeDocument(documentOf("staff"))
        yield* other.current
        failing.answer = unreachable
        yield* TestClock.setTime(60_000)
        expect(admitsGroup(yield* other.current, "staff")).toBe(true)
        expect(failing.reads).toBe(2)
        yield* TestClock.adjust("1 days")
        expect(admitsGroup(yield* other.current, "staff")).toBe(true)
        yield* TestClock.adjust("6 minutes")
        expect(yield* Effect.flip(other.current)).toMatchObject({ _tag: "PolicyUnavailable" })
      })
  )

  itEffect("is an outage if it has never been loaded; when it is loaded, it is in force", () =>
    Effect.gen(function* () {
      const { state, source } = makeDocument(documentOf("staff"))
      state.answer = unreachable
      const { value, lines } = yield* logged(Effect.flip(source.current))
      expect(value).toMatchObject({ _tag: "PolicyUnavailable", reason: expect.stringContaining("ECONNREFUSED") })
      expect(lines).toEqual([expect.stringContaining("no request is admitted")])
      state.answer = async () => documentOf("staff")
      yield* TestClock.adjust("5 seconds")
      expect(admitsGroup(yield* source.current, "staff")).toBe(true)
    })
  )

  itEffect("that takes more than ten seconds is an outage", () =>
    Effect.gen(function* () {
      const { state, source } = makeDocument(documentOf("staff"))
      state.answer = () => new Promise(() => {})
      const waiting = yield* Effect.forkChild(Effect.flip(source.current))
      yield* TestClock.adjust("10 seconds")
      expect(yield* Fiber.join(waiting)).toMatchObject({ _tag: "PolicyUnavailable", reason: expect.stringContaining("timeout") })
    })
  )

  itEffect("is read again when its source says that it has changed, and no longer than it is watched", () =>
    Effect.gen(function* () {
      const { state, source } = makeDocument(documentOf("old"), { isRead: true })
      expect(admitsGroup(yield* source.current, "old")).toBe(true)
      const watching = yield* Effect.forkChild(source.watch)
      yield* TestClock.adjust("1 seconds")
      expect(state.subscribers).toBe(1)
      state.answer = async () => documentOf("new")
      for (let change = 0; change < 10; change++) state.onChange()
      yield* TestClock.adjust("1 seconds")
      yield* Effect.promise(() => Promise.resolve())
      yield* TestClock.adjust("1 seconds")
      expect(admitsGroup(source.peek(3_000), "new")).toBe(true)
      expect(state.reads).toBeLessThan(4)
      yield* Fiber.interrupt(watching)
      expect(state.subscribers).toBe(0)
    })
  )

  itEffect("that is read again unchanged is not said to have changed", () =>
    Effect.gen(function* () {
      const { state, source } = makeDocument(documentOf("staff"))
      const first = yield* logged(source.reload)
      expect(first.lines).toEqual(["cognito-auth: policy of secret my-app in force: allowed groups: added staff"])
      expect((yield* logged(source.reload)).lines).toEqual([])
      state.answer = async () =>
        JSON.stringify({
          allowed_users: ["secret@example.com"],
          require_all: true,
          admin_users: ["boss@example.com"],
          admin_groups: ["root"]
        })
      const { lines } = yield* logged(source.reload)
      expect(lines).toEqual([
        "cognito-auth: policy of secret my-app in force: allowed groups: removed staff; allowed users: added 1; admin groups: added root; admin users: added 1; require_all is true"
      ])
    })
  )
})

describe("a policy document", () => {
  const users = JSON.stringify({ allowed_users: ["ada@example.com"] })
  const unverified = userWith("ada@example.com", [], "false")
  const source = (options: { readonly requireVerifiedEmail?: boolean | undefined; readonly read?: () => Promise<string> }) =>
    PolicySource.document({ name: "document", read: async () => users, ...options })

  it("admits by a verified e-mail alone, unless it is told not to ask", async () => {
    const admits = async (requireVerifiedEmail: boolean | undefined) =>
      verdictOf(await Effect.runPromise(source({ requireVerifiedEmail }).current), unverified).allowed
    expect([await admits(undefined), await admits(true), await admits(false)]).toEqual([false, false, true])
  })

  it("whose source says that it never changes is watched no longer than it takes to know that", async () => {
    await Effect.runPromise(source({}).watch)
  })

  it("says why there is none: every fault of it, or that it cannot be read", async () => {
    const reasonOf = async (read: () => Promise<string>) => (await Effect.runPromise(Effect.flip(source({ read }).current))).reason
    expect(await reasonOf(() => Promise.reject("text"))).toBe("document: it cannot be read")
    expect(await reasonOf(async () => JSON.stringify({ allowed_groups: [1], allowed_users: [1] }))).toMatch(
      /^document: allowed_groups entry 1 .*\. allowed_users entry 1 /
    )
  })
})

describe("a policy file", () => {
  const folder = mkdtempSync(join(tmpdir(), "policy-"))
  afterAll(() => rmSync(folder, { recursive: true }))
  const open = (path: string) => openPolicyFile("COGNITO_AUTH_CONFIG_PATH", path, {})

  it("is in force from the start, also where it is broken by then", async () => {
    const path = join(folder, "good.json")
    writeFileSync(path, documentOf("staff"))
    for (const source of [successOf(open(path)), PolicySource.file(path)]) {
      writeFileSync(path, "{")
      expect(admitsGroup(await Effect.runPromise(source.current), "staff")).toBe(true)
      writeFileSync(path, documentOf("staff"))
    }
  })

  it("that is broken names the setting and the file", () => {
    const path = join(folder, "broken.json")
    writeFileSync(path, '{"allowed_groups": ')
    expect(failureOf(open(path))).toEqual([{ setting: `COGNITO_AUTH_CONFIG_PATH, file ${JSON.stringify(path)}`, problem: "is not JSON." }])
    expect(() => PolicySource.file(path)).toThrow(ConfigurationError)
    expect(() => PolicySource.file(path)).toThrow(/policy, file /)
  })

  it.each([
    ["that is missing", join(folder, "missing.json"), "ENOENT"],
    ["that is a folder", folder, "EISDIR"],
    ["whose name is none", "\0", "ERR_INVALID_ARG_VALUE"]
  ])("%s is named, with the reason", (_, path, code) => {
    expect(failureOf(open(path))).toEqual([
      { setting: "COGNITO_AUTH_CONFIG_PATH", problem: expect.stringContaining(`cannot be read (${code})`) }
    ])
  })

  it("admits by a verified e-mail alone, unless it is told not to ask", async () => {
    const path = join(folder, "users.json")
    writeFileSync(path, JSON.stringify({ allowed_users: ["ada@example.com"] }))
    const unverified = userWith("ada@example.com", [], "false")
    const admits = async (options: { readonly requireVerifiedEmail?: boolean }) =>
      verdictOf(await Effect.runPromise(PolicySource.file(path, options).current), unverified).allowed
    expect([await admits({}), await admits({ requireVerifiedEmail: false })]).toEqual([false, true])
  })

  it("that is read again unchanged is not said to have changed", async () => {
    const path = join(folder, "same.json")
    writeFileSync(path, documentOf("staff"))
    expect((await Effect.runPromise(logged(PolicySource.file(path).reload))).lines).toEqual([])
  })

  it("that was replaced by a rename is in force once it is read again, and one that was removed leaves the last in force", async () => {
    const path = join(folder, "replaced.json")
    writeFileSync(path, documentOf("old"))
    const source = PolicySource.file(path)
    expect(admitsGroup(await Effect.runPromise(source.current), "old")).toBe(true)
    writeFileSync(`${path}.new`, documentOf("new"))
    renameSync(`${path}.new`, path)
    await Effect.runPromise(source.reload)
    expect(admitsGroup(await Effect.runPromise(source.current), "new")).toBe(true)
    rmSync(path)
    expect(await Effect.runPromise(Effect.flip(source.reload))).toMatchObject({ reason: expect.stringContaining("ENOENT") })
    expect(admitsGroup(await Effect.runPromise(source.current), "new")).toBe(true)
  })

  it("is read again when it changes, as long as it is watched", async () => {
    const path = join(folder, "watched.json")
    writeFileSync(path, documentOf("old"))
    const source = PolicySource.file(path)
    const watching = Effect.runFork(source.watch)
    // A watcher needs a moment to be there; so the file is written until it is seen.
    await vi.waitFor(
      () => {
        writeFileSync(`${path}.new`, documentOf("new"))
        renameSync(`${path}.new`, path)
        expect(admitsGroup(source.peek(Date.now()), "new")).toBe(true)
      },
      { timeout: 20_000, interval: 100 }
    )
    await Effect.runPromise(Fiber.interrupt(watching))
  })

  /** A file that is changed twice. The first change may be seen by the reading with which the watch begins, the second by its watcher alone. */
  const expectSeen = async (path: string, change: (group: string) => void) => {
    const source = PolicySource.file(path)
    const watching = Effect.runFork(source.watch)
    for (const group of ["first", "second"]) {
      change(group)
      await vi.waitFor(() => expect(admitsGroup(source.peek(Date.now()), group)).toBe(true), { timeout: 20_000, interval: 10 })
    }
    await Effect.runPromise(Fiber.interrupt(watching))
  }

  it("is read again when it is written in place", async () => {
    const path = join(folder, "in-place.json")
    writeFileSync(path, documentOf("old"))
    await expectSeen(path, (group) => writeFileSync(path, documentOf(group)))
  })

  it("is read again when a link beside it is swapped, as in a Kubernetes mount", async () => {
    const mount = mkdtempSync(join(folder, "mount-"))
    const swap = (group: string) => {
      mkdirSync(join(mount, group))
      writeFileSync(join(mount, group, "policy.json"), documentOf(group))
      symlinkSync(group, join(mount, "..data_tmp"))
      renameSync(join(mount, "..data_tmp"), join(mount, "..data"))
    }
    swap("old")
    symlinkSync("..data/policy.json", join(mount, "policy.json"))
    await expectSeen(join(mount, "policy.json"), swap)
  })

  it("in a folder that cannot be watched is read all the same", async () => {
    const path = join(folder, "kept.json")
    writeFileSync(path, documentOf("staff"))
    const source = PolicySource.file(path)
    renameSync(folder, `${folder}-away`)
    const watching = Effect.runFork(source.watch)
    await Effect.runPromise(Fiber.interrupt(watching))
    expect(Exit.hasDies(await Effect.runPromise(Fiber.await(watching)))).toBe(false)
    renameSync(`${folder}-away`, folder)
    expect(admitsGroup(await Effect.runPromise(source.current), "staff")).toBe(true)
  })
})
