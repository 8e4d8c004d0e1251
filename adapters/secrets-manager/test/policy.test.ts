import { type AuthError, CognitoAuth, ConfigurationError, type Options } from "@cognito-auth/core"
import { type SecretsManagerOptions, secretsManager } from "@cognito-auth/secrets-manager"
import { itEffect } from "@cognito-auth/testing/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import { TestClock } from "effect/testing"
import { describe, expect, it, vi } from "vitest"
import { sharedForge } from "../../../testing/test/sharedForge.ts"
import { always, failure, type SecretsServer, serveSecrets } from "./serveSecrets.ts"

const name = "my-app/auth-config"
const documentOf = (...groups: ReadonlyArray<string>) => JSON.stringify({ allowed_groups: groups })
// A region of this file's: the SDK's client of another test in this worker has read its variables, and is kept for that region.
const region = "eu-north-1"
const signers = await sharedForge({ region })

/** `"in"`, or why not. */
const outcome = { onSuccess: () => "in", onFailure: (error: AuthError): string => error._tag }

/** An app whose policy is the secret, as the test's clock goes; and what it logs. */
const open = (server: SecretsServer, options: (server: SecretsServer) => Partial<Options>) =>
  Effect.gen(function* () {
    const clock = yield* Clock.Clock
    const forge = signers.with({ now: () => clock.currentTimeMillisUnsafe() })
    const { policy: _, ...deployment } = forge.settings().options
    const auth = CognitoAuth.make({
      ...deployment,
      keySource: forge.keySource(),
      platformAdminGroups: ["platform-admins"],
      ...options(server)
    })
    const lines: Array<string> = []
    const logger = Logger.make(({ message }) => {
      lines.push([message].flat().map(String).join(" "))
    })
    const logged = <A, E>(effect: Effect.Effect<A, E>) => Effect.provide(effect, Logger.layer([logger]))
    const enter = (...groups: ReadonlyArray<string>) =>
      Effect.gen(function* () {
        const headers = yield* Effect.promise(() => forge.headers({ groups }))
        return yield* logged(Effect.match(auth.authenticate(headers), outcome))
      })
    return { enter, lines, reload: logged(auth.reloadPolicy) }
  })

const inCode = ({ url }: SecretsServer): Partial<Options> => ({
  environment: {},
  policy: secretsManager({ secretName: name, region: "eu-west-2", endpoint: url })
})

describe("a policy from a secret", () => {
  const serve = Effect.promise(serveSecrets)

  itEffect("is in force from the first request on", () =>
    Effect.gen(function* () {
      const server = yield* serve
      server.secrets.set(name, { SecretString: documentOf("staff") })
      const { enter, lines } = yield* open(server, inCode)
      expect([yield* enter("staff"), yield* enter("other"), yield* enter("platform-admins")]).toEqual(["in", "NotAuthorised", "in"])
      expect(server.seen).toHaveLength(1)
      expect(lines).toEqual([`cognito-auth: policy of secret "${name}" in force: allowed groups: added staff`])
    })
  )

  itEffect("that was rotated is in force within five minutes, and at once after a reload", () =>
    Effect.gen(function* () {
      const server = yield* serve
      server.secrets.set(name, { SecretString: documentOf("old") })
      const { enter, reload } = yield* open(server, inCode)
      expect(yield* enter("old")).toBe("in")
      server.secrets.set(name, { SecretString: documentOf("new") })
      yield* TestClock.adjust("1 minutes")
      expect(yield* enter("new")).toBe("NotAuthorised")
      yield* TestClock.adjust("4 minutes")
      expect([yield* enter("new"), yield* enter("old")]).toEqual(["in", "NotAuthorised"])
      server.secrets.set(name, { SecretString: documentOf("newest") })
      yield* reload
      expect([yield* enter("newest"), yield* enter("new")]).toEqual(["in", "NotAuthorised"])
    })
  )

  itEffect("that cannot be read or is broken leaves the last valid one in force, and says so without its content", () =>
    Effect.gen(function* () {
      const server = yield* serve
      server.secrets.set(name, { SecretString: documentOf("staff") })
      const { enter, lines, reload } = yield* open(server, inCode)
      expect(yield* enter("staff")).toBe("in")
      for (const [broken, reason] of [
        [{ SecretString: '{"allowed_users": ["SECRET@example.com"' }, "it is not JSON."],
        [{ SecretString: '{"allowed_users": ["SECRET"]}' }, "allowed_users entry 1 is not an e-mail address"],
        [{ SecretString: '{"allowed_user": ["SECRET"]}' }, '"allowed_user" is unknown. Did you mean allowed_users?'],
        [{ SecretString: "{}" }, "it has no rule."],
        [{ SecretBinary: Buffer.from([0xff, 0xfe]).toString("base64") }, "it is binary: expected JSON text"],
        [undefined, "there is no such secret in this region"]
      ] as const) {
        lines.length = 0
        if (broken === undefined) server.secrets.delete(name)
        else server.secrets.set(name, broken)
        expect(yield* Effect.flip(reload)).toMatchObject({ _tag: "PolicyUnavailable" })
        expect([yield* enter("staff"), yield* enter("other")]).toEqual(["in", "NotAuthorised"])
        expect(lines).toHaveLength(1)
        expect(lines[0]).toContain(`secret "${name}" was not loaded, the last valid policy stays in force: `)
        expect(lines[0]).toContain(reason)
        expect(lines[0]).not.toContain("SECRET")
      }
    })
  )

  itEffect("that never could be read lets nobody in, administrators neither; and everybody that it names, once it can", () =>
    Effect.gen(function* () {
      const server = yield* serve
      always(server, failure(400, "AccessDeniedException"))
      const { enter, lines } = yield* open(server, inCode)
      for (const group of ["staff", "platform-admins"]) expect(yield* enter(group)).toBe("PolicyUnavailable")
      expect(lines).toEqual([
        `cognito-auth: secret "${name}" was not loaded, no policy is in force, so no request is admitted: access is denied: allow secretsmanager:GetSecretValue, and kms:Decrypt for your own key`
      ])
      server.next.length = 0
      server.secrets.set(name, { SecretString: documentOf("staff") })
      yield* TestClock.adjust("5 seconds")
      expect(yield* enter("staff")).toBe("in")
    })
  )

  itEffect("admits by an e-mail that is not verified only if it is told to", () =>
    Effect.gen(function* () {
      const server = yield* serve
      server.secrets.set(name, { SecretString: '{"allowed_users": ["ada@example.com"]}' })
      const headers = yield* Effect.promise(() => signers.headers({ email: "ada@example.com", emailVerified: false }))
      for (const [requireVerifiedEmail, expected] of [
        [undefined, "NotAuthorised"],
        [false, "in"]
      ] as const) {
        const policy = secretsManager({ secretName: name, region: "eu-west-2", endpoint: server.url, requireVerifiedEmail })
        const auth = CognitoAuth.make({ ...signers.settings().options, keySource: signers.keySource(), policy })
        expect(yield* Effect.promise(() => Effect.runPromise(Effect.match(auth.authenticate(headers), outcome)))).toBe(expected)
      }
    })
  )
})

describe("COGNITO_AUTH_SECRET_NAME", () => {
  const inEnvironment = (): Partial<Options> => ({ environment: { COGNITO_AUTH_SECRET_NAME: name } })

  itEffect("is sufficient: core loads this package, and the SDK reads its own variables", () =>
    Effect.gen(function* () {
      const server = yield* Effect.promise(serveSecrets)
      vi.stubEnv("AWS_ENDPOINT_URL_SECRETS_MANAGER", server.url)
      server.secrets.set(name, { SecretString: documentOf("staff") })
      const { enter, reload } = yield* open(server, inEnvironment)
      expect(server.seen).toHaveLength(0)
      // The SDK gives a connection one real second, in which a busy machine may still be loading the SDK.
      yield* Effect.retry(reload, { times: 20 })
      expect([yield* enter("staff"), yield* enter("other")]).toEqual(["in", "NotAuthorised"])
      // In the load balancer's region.
      expect(server.seen[0]?.signature).toMatchObject({ isValid: true, region })
      server.secrets.set(name, { SecretString: documentOf("other") })
      yield* reload
      expect([yield* enter("staff"), yield* enter("other")]).toEqual(["NotAuthorised", "in"])
    })
  )
})

describe("secretsManager", () => {
  it.each([undefined, null, {}, { secretName: "" }, { secretName: " " }, { secretName: 1 }])("asks for a name: %j", (options) => {
    expect(() => secretsManager(options as unknown as SecretsManagerOptions)).toThrow(ConfigurationError)
  })
})
