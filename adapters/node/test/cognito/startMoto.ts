/**
 * moto as a process on loopback: an independent implementation, in Python, of Cognito's and Secrets Manager's APIs.
 *
 * @module
 */
import { freePort } from "../../../../testing/test/freePort.ts"
import { startProcess } from "../../../../testing/test/startProcess.ts"

/** The region of everything that a test makes, unless it says another. */
export const region = "eu-west-2"

export interface Moto {
  readonly url: string
  /** Calls an operation of an AWS API; rejects with the error's name where it is refused. */
  readonly call: <Answer = unknown>(operation: Operation, body: object, inRegion?: string) => Promise<Answer>
  /** Kills it; what it held is lost. */
  readonly close: () => Promise<void>
}

type Operation = `cognito-idp.${string}` | `secretsmanager.${string}`

/** The services by the names in a request's signature, and their names in `x-amz-target` (AWS JSON 1.1 protocol). */
const targets = { "cognito-idp": "AWSCognitoIdentityProviderService", secretsmanager: "secretsmanager" } as const

export const startMoto = async (port?: number): Promise<Moto> => {
  const python = process.env["COGNITO_PYTHON"]
  if (python === undefined) throw new Error("COGNITO_PYTHON does not say where moto is installed: run npm run test:cognito.")
  const at = port ?? (await freePort())
  const server = startProcess(python, ["-m", "moto.server", "-H", "127.0.0.1", "-p", String(at)], {
    // Nothing of this machine's AWS settings; and no way out: whatever it might fetch from elsewhere goes to a port that is closed.
    env: {
      PATH: process.env["PATH"],
      PYTHONUNBUFFERED: "1",
      PYTHONDONTWRITEBYTECODE: "1",
      HTTPS_PROXY: "http://127.0.0.1:1",
      HTTP_PROXY: "http://127.0.0.1:1"
    }
  })
  // Printed once it listens.
  await server.untilPrinted(/Running on http:/)
  const url = `http://127.0.0.1:${at}`
  return {
    url,
    call: async <Answer>(operation: Operation, body: object, inRegion = region) => {
      const [service, name] = operation.split(".") as [keyof typeof targets, string]
      const response = await fetch(url, {
        method: "POST",
        headers: {
          "content-type": "application/x-amz-json-1.1",
          "x-amz-target": `${targets[service]}.${name}`,
          // moto reads the region from the signature's scope, and does not check the signature.
          authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${inRegion}/${service}/aws4_request, SignedHeaders=host, Signature=0`
        },
        body: JSON.stringify(body)
      })
      const text = await response.text()
      if (!response.ok) throw new Error(`${operation} got status ${response.status}: ${text}`)
      return (text === "" ? {} : JSON.parse(text)) as Answer
    },
    close: server.close
  }
}
