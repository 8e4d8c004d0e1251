import { connect } from "node:net"
import { CognitoAuth, type KeySourceUnavailable } from "@cognito-auth/core"
import type { Misbehaviour } from "@cognito-auth/testing"
import * as Effect from "effect/Effect"
import * as References from "effect/References"
import { afterAll, beforeEach, describe, expect, it } from "vitest"
import { ownForge } from "../sharedForge.ts"

const forge = await ownForge()
const keys = await forge.serve()
afterAll(() => keys.close())
beforeEach(async () => {
  await keys.behave()
  keys.requests.clear()
})

const albUrl = () => `${keys.albKeysUrl}/${forge.keys.alb.current.kid}`

/** What a client sees that asks once on a connection of its own. */
const ask = async (url: string, options: RequestInit = {}) => {
  const response = await fetch(url, { redirect: "manual", headers: { connection: "close" }, ...options })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

/** The outcome of an app's first request, its keys not yet fetched. `timeout`: short only where nothing comes in time. */
const authenticate = async (timeout: "30 seconds" | "300 millis" = "30 seconds") => {
  const { options } = keys.settings()
  const auth = CognitoAuth.make({ ...options, keys: { timeout } })
  const quiet = Effect.provideService(References.MinimumLogLevel, "None")
  return Effect.runPromise(Effect.result(quiet(auth.authenticate(await forge.headers()))))
}

describe("the endpoints", () => {
  it("serve the load balancer's key by kid, as PEM", async () => {
    const { status, text } = await ask(albUrl())
    expect(status).toBe(200)
    expect(text).toBe(forge.givenKeys().alb?.[forge.keys.alb.current.kid])
  })

  it("serve the pool's keys as a JWK Set, without anything private", async () => {
    const { status, text } = await ask(keys.jwksUrl)
    expect(status).toBe(200)
    const [jwk] = JSON.parse(text).keys
    expect(Object.keys(jwk).sort()).toEqual(["alg", "e", "kid", "kty", "n", "use"])
  })

  it.each(["/alb-keys", "/alb-keys/", "/alb-keys/unknown", "/", "/another-pool/.well-known/jwks.json"])(
    "answer %s with 403, as S3 does",
    async (path) => {
      expect((await ask(`${keys.url}${path}`)).status).toBe(403)
    }
  )

  it("answer nothing but GET", async () => {
    expect((await ask(albUrl(), { method: "POST" })).status).toBe(403)
  })

  it("listen on loopback alone", () => {
    expect(keys.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  })

  it("count what was asked of them", async () => {
    await ask(albUrl())
    await ask(albUrl())
    await ask(keys.jwksUrl)
    await ask(`${keys.url}/elsewhere`)
    const albPath = new URL(albUrl()).pathname
    expect(keys.requests.paths).toEqual([albPath, albPath, new URL(keys.jwksUrl).pathname, "/elsewhere"])
    expect(keys.requests.count()).toBe(4)
    expect(keys.requests.count("alb")).toBe(2)
    expect(keys.requests.count("cognito")).toBe(1)
    expect(keys.requests.count("/elsewhere")).toBe(1)
    keys.requests.clear()
    expect(keys.requests.count()).toBe(0)
  })

  it("let core admit a user, with one fetch each", async () => {
    expect(await authenticate()).toMatchObject({ success: { email: "ada@example.com" } })
    expect(keys.requests.count("alb")).toBe(1)
    expect(keys.requests.count("cognito")).toBe(1)
  })

  it("listen on the port that was asked for", async () => {
    const own = await forge.serve()
    const port = Number(new URL(own.url).port)
    await own.close()
    await using again = await forge.serve({ port })
    expect(again.url).toBe(own.url)
    await expect(forge.serve({ port })).rejects.toMatchObject({ code: "EADDRINUSE" })
  })
})

describe("rotation", () => {
  it("serves the new key and the old one", async () => {
    const own = await ownForge()
    await using served = await own.serve()
    const before = await own.headers()
    const old = { alb: own.keys.alb.current.kid, cognito: own.keys.cognito.current.kid }
    const auth = CognitoAuth.make(served.settings().options)
    const admits = async (headers: Record<string, string>) =>
      (await Effect.runPromise(Effect.result(auth.authenticate(headers))))._tag === "Success"
    expect(await admits(before)).toBe(true)
    await served.rotate()
    expect(own.keys.alb.current.kid).not.toBe(old.alb)
    expect(own.keys.cognito.current.kid).not.toBe(old.cognito)
    expect(await admits(await own.headers())).toBe(true)
    expect((await ask(`${served.albKeysUrl}/${old.alb}`)).status).toBe(200)
    expect(JSON.parse((await ask(served.jwksUrl)).text).keys).toHaveLength(2)
  })

  it("takes one signer alone", async () => {
    const own = await ownForge()
    await using served = await own.serve()
    const old = { alb: own.keys.alb.current.kid, cognito: own.keys.cognito.current.kid }
    await served.rotate("alb")
    expect(own.keys.alb.current.kid).not.toBe(old.alb)
    expect(own.keys.cognito.current.kid).toBe(old.cognito)
  })
})

describe("withdrawal", () => {
  it("takes the key away that signs now, so that its tokens are refused", async () => {
    const own = await ownForge()
    await using served = await own.serve()
    served.withdraw("alb")
    expect((await ask(`${served.albKeysUrl}/${own.keys.alb.current.kid}`)).status).toBe(403)
    const auth = CognitoAuth.make(served.settings().options)
    expect(await Effect.runPromise(Effect.flip(auth.authenticate(await own.headers())))).toMatchObject({ _tag: "KeyUnknown" })
  })

  it("takes a key away by its kid", async () => {
    const own = await ownForge()
    await using served = await own.serve()
    const old = own.keys.cognito.current.kid
    await served.rotate("cognito")
    served.withdraw(old)
    expect(JSON.parse((await ask(served.jwksUrl)).text).keys).toMatchObject([{ kid: own.keys.cognito.current.kid }])
  })

  it("says so where there is no such key", () => {
    expect(() => keys.withdraw("no-such-kid")).toThrow('"no-such-kid"')
  })
})

describe("misbehaviour on the wire", () => {
  it.each(["500", "404"] as const)("%s", async (how) => {
    await keys.misbehave(how)
    expect((await ask(albUrl())).status).toBe(Number(how))
    expect((await ask(keys.jwksUrl)).status).toBe(Number(how))
  })

  it("slow: the right answer, after the delay", async () => {
    await keys.misbehave("slow", { delay: "100 millis" })
    const start = performance.now()
    const { text } = await ask(albUrl())
    expect(performance.now() - start).toBeGreaterThan(95)
    expect(text).toContain("PUBLIC KEY")
  })

  it("never: the request is taken and not answered", async () => {
    await keys.misbehave("never")
    const leaving = new AbortController()
    const answer = ask(albUrl(), { signal: leaving.signal })
    await expect.poll(() => keys.requests.count("alb")).toBe(1)
    leaving.abort()
    await expect(answer).rejects.toMatchObject({ name: "AbortError" })
  })

  it("garbage: bytes that are no UTF-8", async () => {
    await keys.misbehave("garbage")
    const bytes = await (await fetch(albUrl())).arrayBuffer()
    expect(() => new TextDecoder("utf-8", { fatal: true }).decode(bytes)).toThrow()
  })

  it("truncated: cut in the middle of the body", async () => {
    await keys.misbehave("truncated")
    const response = await fetch(albUrl())
    expect(response.status).toBe(200)
    expect(Number(response.headers.get("content-length"))).toBeGreaterThan(100)
    await expect(response.text()).rejects.toThrow("terminated")
  })

  it("endless: a body that goes on until the client goes away", async () => {
    await keys.misbehave("endless")
    const response = await fetch(albUrl())
    let length = 0
    for await (const chunk of response.body ?? []) {
      length += chunk.byteLength
      if (length > 5_000_000) break
    }
    expect(length).toBeGreaterThan(5_000_000)
  })

  it("redirect: to where the right answer is, so that who follows it finds a key", async () => {
    await keys.misbehave("redirect")
    const { status, headers } = await ask(albUrl())
    expect(status).toBe(302)
    const followed = await ask(`${keys.url}${headers.get("location")}`)
    expect(followed.text).toBe(forge.givenKeys().alb?.[forge.keys.alb.current.kid])
    expect(keys.requests.paths.filter((path) => path.startsWith("/redirected/"))).toHaveLength(1)
  })

  it("wrong-content: a page", async () => {
    await keys.misbehave("wrong-content")
    const { status, text } = await ask(keys.jwksUrl)
    expect(status).toBe(200)
    expect(text).toMatch(/^<!doctype html>/)
  })

  it("wrong-key: well-formed, under the right kid, and another's", async () => {
    await keys.misbehave("wrong-key")
    const { text } = await ask(albUrl())
    expect(text).toMatch(/^-----BEGIN PUBLIC KEY-----/)
    expect(text).not.toBe(forge.givenKeys().alb?.[forge.keys.alb.current.kid])
    const [jwk] = JSON.parse((await ask(keys.jwksUrl)).text).keys
    expect(jwk.kid).toBe(forge.keys.cognito.current.kid)
    expect(jwk.n).not.toBe(forge.givenKeys().jwks?.keys[0]?.["n"])
  })

  it("down: nothing listens, until it behaves again on the same port", async () => {
    await keys.misbehave("down")
    expect(await connectionError(keys.url)).toBe("ECONNREFUSED")
    await keys.misbehave("down")
    await keys.behave()
    expect((await ask(albUrl())).status).toBe(200)
  })

  it("down: another misbehaviour brings it back", async () => {
    await keys.misbehave("down")
    await keys.misbehave("500")
    expect((await ask(albUrl())).status).toBe(500)
  })

  it("down, of one endpoint: the connection is cut, and the other answers", async () => {
    await keys.misbehave("down", { only: "alb" })
    await expect(ask(albUrl())).rejects.toThrow("fetch failed")
    expect((await ask(keys.jwksUrl)).status).toBe(200)
  })

  it("ends for one endpoint alone", async () => {
    await keys.misbehave("500")
    await keys.behave("cognito")
    expect((await ask(albUrl())).status).toBe(500)
    expect((await ask(keys.jwksUrl)).status).toBe(200)
  })
})

describe("misbehaviour as core handles it", () => {
  it.each<[Misbehaviour, string]>([
    ["slow", "KeySourceUnavailable"],
    ["never", "KeySourceUnavailable"],
    ["500", "KeySourceUnavailable"],
    ["404", "KeyUnknown"],
    ["garbage", "KeySourceUnavailable"],
    ["truncated", "KeySourceUnavailable"],
    ["endless", "KeySourceUnavailable"],
    ["redirect", "KeySourceUnavailable"],
    ["wrong-content", "KeySourceUnavailable"],
    ["wrong-key", "SignatureInvalid"],
    ["down", "KeySourceUnavailable"]
  ])("%s: %s", async (how, error) => {
    await keys.misbehave(how)
    expect(await authenticate(how === "slow" || how === "never" ? "300 millis" : "30 seconds")).toMatchObject({ failure: { _tag: error } })
    expect(keys.requests.paths.filter((path) => path.startsWith("/redirected/"))).toEqual([])
    await keys.behave()
    expect(await authenticate()).toMatchObject({ _tag: "Success" })
  })

  it("names the endpoint that fails", async () => {
    await keys.misbehave("500", { only: "cognito" })
    const failed = await authenticate()
    expect(failed).toMatchObject({ failure: { source: keys.jwksUrl } satisfies Partial<KeySourceUnavailable> })
  })
})

describe("the end", () => {
  it("closes every connection, and the port", async () => {
    const own = await forge.serve()
    await own.misbehave("never")
    const pending = ask(own.jwksUrl).catch((error: Error) => error.message)
    await expect.poll(() => own.requests.count()).toBe(1)
    await own.close()
    expect(await pending).toBe("fetch failed")
    expect(await connectionError(own.url)).toBe("ECONNREFUSED")
  })

  it("is final, and may be asked for twice", async () => {
    const own = await forge.serve()
    await own.close()
    await own.close()
    await own.behave()
    await own.misbehave("500")
    expect(await connectionError(own.url)).toBe("ECONNREFUSED")
  })

  it("lets the forge's settings point at the server before, or at AWS", async () => {
    const own = await ownForge()
    const first = await own.serve()
    const second = await own.serve()
    expect(own.settings().env["COGNITO_AUTH_JWKS_URL"]).toBe(second.jwksUrl)
    await second.close()
    expect(own.settings().env["COGNITO_AUTH_JWKS_URL"]).toBe(first.jwksUrl)
    await first.close()
    expect(own.settings().env["COGNITO_AUTH_JWKS_URL"]).toBeUndefined()
  })
})

const connectionError = (url: string) =>
  new Promise<string | undefined>((resolve) => {
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname)
    socket.once("connect", () => {
      socket.destroy()
      resolve(undefined)
    })
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code))
  })
