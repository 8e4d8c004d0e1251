/** Secrets Manager's JSON protocol on loopback: it refuses what AWS would refuse, and fails its callers on demand. */
import { once } from "node:events"
import { createServer, type ServerResponse } from "node:http"
import type { AddressInfo, Socket } from "node:net"
import { onTestFinished, vi } from "vitest"
import { readSignature, type Signature, type SignedRequest } from "./sigV4.ts"

/** The only credentials that the server knows. */
export const credentials = { accessKeyId: "AKIATESTTESTTESTTEST", secretAccessKey: "test/secret+key=" }

/** A response's status and body, or a response that goes wrong. */
export type SecretResponse = { readonly status: number; readonly body: unknown } | ((response: ServerResponse) => void)

/** What the server saw. */
interface Seen extends SignedRequest {
  readonly signature: Signature | undefined
}

export interface SecretsServer {
  readonly url: string
  /** The secrets by name: what GetSecretValue gives beside the name. */
  readonly secrets: Map<string, { readonly SecretString?: string; readonly SecretBinary?: string }>
  /** What the next requests get, in their order, before the secrets are looked up again. */
  readonly next: Array<SecretResponse>
  readonly seen: ReadonlyArray<Seen>
  readonly connections: ReadonlySet<Socket>
}

/** An error as the JSON protocol has it. */
export const failure = (status: number, type: string, message = "for a test"): SecretResponse => ({
  status,
  body: { __type: type, message }
})

/** The same answer to every request from now on. */
export const always = (server: SecretsServer, answer: SecretResponse): void =>
  void server.next.push(...Array<SecretResponse>(20).fill(answer))

/** Starts the server, and puts the credentials into the environment; both end with the test. */
export const serveSecrets = async (): Promise<SecretsServer> => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", credentials.accessKeyId)
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", credentials.secretAccessKey)
  vi.stubEnv("AWS_SESSION_TOKEN", undefined)
  const secrets: SecretsServer["secrets"] = new Map()
  const next: Array<SecretResponse> = []
  const seen: Array<Seen> = []
  const connections = new Set<Socket>()

  const answerTo = (request: Seen): SecretResponse => {
    if (request.signature?.accessKeyId !== credentials.accessKeyId) return failure(400, "UnrecognizedClientException")
    if (!request.signature.isValid || request.signature.service !== "secretsmanager") return failure(400, "InvalidSignatureException")
    const { headers } = request
    if (request.method !== "POST" || headers["content-type"] !== "application/x-amz-json-1.1") return failure(400, "SerializationException")
    if (headers["x-amz-target"] !== "secretsmanager.GetSecretValue") return failure(400, "UnknownOperationException")
    const scripted = next.shift()
    if (scripted !== undefined) return scripted
    const { SecretId: name } = JSON.parse(request.body)
    const secret = secrets.get(name)
    return secret === undefined
      ? failure(400, "ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
      : { status: 200, body: { ARN: "arn", Name: name, VersionId: "v", VersionStages: ["AWSCURRENT"], CreatedDate: 1.5e9, ...secret } }
  }

  const server = createServer(async (request, response) => {
    const chunks: Array<Buffer> = []
    for await (const chunk of request) chunks.push(chunk)
    const raw = {
      method: request.method ?? "",
      target: request.url ?? "",
      headers: request.headers,
      body: Buffer.concat(chunks).toString()
    }
    const arrived = { ...raw, signature: readSignature(raw, credentials.secretAccessKey) }
    seen.push(arrived)
    const answer = answerTo(arrived)
    if (typeof answer === "function") return answer(response)
    const { status, body } = answer
    response.writeHead(status, { "content-type": "application/x-amz-json-1.1", "x-amzn-requestid": "1" })
    response.end(typeof body === "string" ? body : JSON.stringify(body))
  })
  server.on("connection", (socket) => connections.add(socket))
  onTestFinished(() => {
    vi.unstubAllEnvs()
    server.close()
    for (const socket of connections) socket.destroy()
  })
  await once(server.listen(0, "127.0.0.1"), "listening")
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, secrets, next, seen, connections }
}
