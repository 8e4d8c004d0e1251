import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager"
import { type ReadSecretOptions, readSecret } from "@cognito-auth/secrets-manager"
import { describe, expect, it, vi } from "vitest"
import { always, credentials, failure, type SecretResponse, type SecretsServer, serveSecrets } from "./serveSecrets.ts"

const name = "my-app/auth-config"
const policy = '{"allowed_groups": ["staff"]}'

const read = (server: SecretsServer, options: Partial<ReadSecretOptions> = {}, signal = new AbortController().signal) =>
  readSecret({ secretName: name, region: "eu-west-2", endpoint: server.url, ...options }, signal)

/** Why a reading failed: an error with nothing but a message. */
const reasonOf = async (reading: Promise<string>): Promise<string> => {
  const error: unknown = await reading.then(
    (text) => new Error(`it was read: ${text}`),
    (cause: unknown) => cause
  )
  if (!(error instanceof Error)) throw new Error("expected an Error")
  expect(error.cause).toBeUndefined()
  expect(Object.keys(error)).toEqual([])
  return error.message
}

describe("a reading", () => {
  it("gives the secret's text, by a request that is signed for Secrets Manager", async () => {
    const server = await serveSecrets()
    server.secrets.set(name, { SecretString: policy })
    expect(await read(server)).toBe(policy)
    expect(server.seen).toHaveLength(1)
    const [request] = server.seen
    expect(JSON.parse(request?.body ?? "")).toEqual({ SecretId: name })
    expect(request?.signature).toMatchObject({ isValid: true, accessKeyId: credentials.accessKeyId, region: "eu-west-2" })
    expect(request?.signature?.signedHeaders).toEqual(expect.arrayContaining(["host", "x-amz-date", "x-amz-target"]))
  })

  it("sends the session's token, and signs it", async () => {
    const server = await serveSecrets()
    vi.stubEnv("AWS_SESSION_TOKEN", "a-session-token")
    server.secrets.set(name, { SecretString: policy })
    expect(await read(server)).toBe(policy)
    expect(server.seen[0]?.headers["x-amz-security-token"]).toBe("a-session-token")
    expect(server.seen[0]?.signature?.signedHeaders).toContain("x-amz-security-token")
  })

  it("uses one client, and so one connection, for a region and endpoint", async () => {
    const server = await serveSecrets()
    server.secrets.set(name, { SecretString: policy })
    server.secrets.set("other", { SecretString: "other" })
    expect([await read(server), await read(server), await read(server, { secretName: "other" })]).toEqual([policy, policy, "other"])
    expect(server.connections.size).toBe(1)
    await read(server, { region: "eu-west-1" })
    expect(server.connections.size).toBe(2)
  })

  it("sees the secret as it is now", async () => {
    const server = await serveSecrets()
    server.secrets.set(name, { SecretString: "first" })
    expect(await read(server)).toBe("first")
    server.secrets.set(name, { SecretString: "second" })
    expect(await read(server)).toBe("second")
  })

  it("goes to the region in an ARN, else to the one that is given, else to the SDK's own", async () => {
    const server = await serveSecrets()
    vi.stubEnv("AWS_REGION", "ap-south-1")
    const arn = "arn:aws-us-gov:secretsmanager:us-gov-west-1:123456789012:secret:my-app/auth-config-AbCdEf"
    for (const secret of [arn, name]) server.secrets.set(secret, { SecretString: policy })
    await read(server, { secretName: arn })
    await read(server)
    await read(server, { region: undefined })
    expect(server.seen.map((request) => request.signature?.region)).toEqual(["us-gov-west-1", "eu-west-2", "ap-south-1"])
    expect(JSON.parse(server.seen[0]?.body ?? "")).toEqual({ SecretId: arn })
  })

  it("goes where the SDK's variable for the endpoint says", async () => {
    const server = await serveSecrets()
    vi.stubEnv("AWS_ENDPOINT_URL_SECRETS_MANAGER", server.url)
    server.secrets.set(name, { SecretString: policy })
    expect(await read(server, { endpoint: undefined, region: "ca-west-1" })).toBe(policy)
  })

  it("uses a client that is given", async () => {
    const server = await serveSecrets()
    server.secrets.set(name, { SecretString: policy })
    const client = new SecretsManagerClient({ region: "sa-east-1", endpoint: server.url, credentials })
    expect(await readSecret({ secretName: name, client }, new AbortController().signal)).toBe(policy)
    expect(server.seen[0]?.signature?.region).toBe("sa-east-1")
    client.destroy()
  })

  it("takes a binary secret that is UTF-8, as one is that was uploaded as a file", async () => {
    const server = await serveSecrets()
    server.secrets.set(name, { SecretBinary: Buffer.from('{"allowed_groups": ["é"]}').toString("base64") })
    expect(await read(server)).toBe('{"allowed_groups": ["é"]}')
  })
})

describe("a failing secret is said in few words:", () => {
  it.each<[string, { readonly SecretString?: string; readonly SecretBinary?: string }, string]>([
    [
      "bytes that are not text",
      { SecretBinary: Buffer.from([0xff, 0xfe, 0x00, 0xc3]).toString("base64") },
      "it is binary: expected JSON text"
    ],
    ["no value", {}, "it holds no value"]
  ])("%s", async (_what, secret, reason) => {
    const server = await serveSecrets()
    server.secrets.set(name, secret)
    expect(await reasonOf(read(server))).toBe(reason)
    expect(server.seen).toHaveLength(1)
  })

  it.each<[string, SecretResponse, string]>([
    ["not found", failure(400, "ResourceNotFoundException"), "there is no such secret in this region"],
    ["access denied", failure(400, "AccessDeniedException"), "access is denied: allow secretsmanager:GetSecretValue"],
    ["not decrypted", failure(400, "DecryptionFailure"), "it cannot be decrypted with its KMS key"],
    ["deleted", failure(400, "InvalidRequestException"), "it cannot be read in its current state: is it scheduled for deletion?"],
    ["credentials unknown", failure(400, "UnrecognizedClientException"), "the AWS credentials are refused"],
    ["credentials expired", failure(400, "ExpiredTokenException"), "the AWS credentials have expired"],
    [
      "another 4xx",
      failure(400, "InvalidParameterException"),
      "Secrets Manager sent no usable response (status 400): InvalidParameterException"
    ],
    ["a 4xx of something else", { status: 404, body: "<h1>SECRET</h1>" }, "Secrets Manager sent no usable response"],
    ["an error's name that is none", failure(400, "SECRET 1"), "Secrets Manager sent no usable response (status 400): unknown error"],
    ["an answer that is not JSON", { status: 200, body: '{"SecretString": "SECRET' }, "Secrets Manager sent no usable response"],
    ["an answer of another shape", { status: 200, body: '["SECRET"]' }, "it holds no value"]
  ])("%s", async (_what, answer, reason) => {
    const server = await serveSecrets()
    always(server, answer)
    const said = await reasonOf(read(server))
    expect(said).toContain(reason)
    expect(said).not.toContain("SECRET")
    expect(said.length).toBeLessThan(120)
    expect(server.seen).toHaveLength(1)
  })

  it("credentials with another secret key", async () => {
    const server = await serveSecrets()
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "another")
    server.secrets.set(name, { SecretString: policy })
    expect(await reasonOf(read(server))).toBe("the AWS credentials are refused")
    expect(server.seen[0]?.signature?.isValid).toBe(false)
  })

  it("no credentials at all", async () => {
    const server = await serveSecrets()
    for (const variable of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"]) vi.stubEnv(variable, undefined)
    vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true")
    for (const file of ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"]) vi.stubEnv(file, "/nonexistent")
    expect(await reasonOf(read(server))).toBe("no AWS credentials were found")
    expect(server.seen).toHaveLength(0)
  })

  it("no region at all", async () => {
    const server = await serveSecrets()
    for (const variable of ["AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"]) vi.stubEnv(variable, undefined)
    for (const file of ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"]) vi.stubEnv(file, "/nonexistent")
    expect(await reasonOf(read(server, { region: undefined }))).toBe("no AWS region is set")
  })
})

describe("what may pass is tried again, three times at most:", () => {
  it.each<[string, SecretResponse, string]>([
    ["throttling", failure(400, "ThrottlingException"), "throttled"],
    ["a 5xx", failure(500, "InternalServiceError"), "Secrets Manager failed with status 500"],
    ["a 5xx of something else", { status: 503, body: "<h1>SECRET</h1>" }, "Secrets Manager failed with status 503"],
    ["a connection that breaks", (response) => void response.destroy(), "Secrets Manager cannot be reached (ECONNRESET)"]
  ])("%s", async (_what, answer, reason) => {
    const server = await serveSecrets()
    server.secrets.set(name, { SecretString: policy })
    server.next.push(answer, answer)
    expect(await read(server)).toBe(policy)
    expect(server.seen).toHaveLength(3)
    always(server, answer)
    expect(await reasonOf(read(server))).toBe(reason)
    expect(server.seen).toHaveLength(6)
  })

  it("an answer that takes too long to begin, or to end", async () => {
    const never: SecretResponse = () => undefined
    const stalled: SecretResponse = (response) => void response.writeHead(200).write('{"SecretString": "SECRET')
    const readings = [never, stalled].map(async (answer) => {
      const server = await serveSecrets()
      server.secrets.set(name, { SecretString: policy })
      server.next.push(answer)
      return [await read(server), server.seen.length]
    })
    expect(await Promise.all(readings)).toEqual([
      [policy, 2],
      [policy, 2]
    ])
  })
})

describe("a reading that waits too long", () => {
  it("ends when its signal says so", async () => {
    const server = await serveSecrets()
    const ending = new AbortController()
    always(server, () => ending.abort())
    expect(await reasonOf(read(server, {}, ending.signal))).toBe("timeout")
    expect(server.seen).toHaveLength(1)
  })

  it("does not begin where the signal has fired", async () => {
    const server = await serveSecrets()
    expect(await reasonOf(read(server, {}, AbortSignal.abort()))).toBe("timeout")
    expect(server.seen).toHaveLength(0)
  })

  it("fails at once where nothing listens", async () => {
    const server = await serveSecrets()
    expect(await reasonOf(read(server, { endpoint: "http://127.0.0.1:1" }))).toBe("Secrets Manager cannot be reached (ECONNREFUSED)")
  })
})
