/**
 * Reads a secret once: GetSecretValue → its string.
 *
 * @module
 */
import { isUtf8 } from "node:buffer"
import { GetSecretValueCommand, type GetSecretValueCommandOutput, SecretsManagerClient } from "@aws-sdk/client-secrets-manager"
import { reasonOf } from "./reasonOf.ts"

export interface ReadSecretOptions {
  /** The secret's name or its ARN. */
  readonly secretName: string
  /** AWS region. Default: the one in an ARN, else the SDK's own (`AWS_REGION`, the profile's). */
  readonly region?: string | undefined
  /** Where Secrets Manager answers. Default: the SDK's own (`AWS_ENDPOINT_URL_SECRETS_MANAGER`, else AWS's in the region). */
  readonly endpoint?: string | undefined
  /** Your own client, with its own region, credentials and limits. Default: one for the process, region and endpoint. */
  readonly client?: SecretsManagerClient | undefined
}

/**
 * The string of the secret's current version (`AWSCURRENT`). A binary secret is read if it is UTF-8, as when it was
 * uploaded as a file.
 *
 * Each attempt has 2.5 seconds, one of them to connect; the SDK's standard mode makes at most three. Rejects with an
 * `Error` whose message says in a few words why, and never holds the secret.
 */
export const readSecret = async (options: ReadSecretOptions, signal: AbortSignal): Promise<string> => {
  const { secretName } = options
  let output: GetSecretValueCommandOutput
  try {
    const client = options.client ?? clientOf(regionIn(secretName) ?? options.region, options.endpoint)
    output = await client.send(new GetSecretValueCommand({ SecretId: secretName }), { abortSignal: signal })
  } catch (cause) {
    // Without the cause: the SDK attaches whole responses to its errors.
    throw new Error(reasonOf(cause))
  }
  return textOf(output)
}

const textOf = ({ SecretString: text, SecretBinary: bytes }: GetSecretValueCommandOutput): string => {
  if (text !== undefined) return text
  if (bytes === undefined) throw new Error("it holds no value")
  if (!isUtf8(bytes)) throw new Error("it is binary: expected JSON text")
  return Buffer.from(bytes).toString("utf8")
}

const clients = new Map<string, SecretsManagerClient>()

/** One client for all readings: it keeps the connection and the credentials. */
const clientOf = (region: string | undefined, endpoint: string | undefined): SecretsManagerClient => {
  const place = JSON.stringify([region, endpoint])
  const known = clients.get(place)
  if (known !== undefined) return known
  const client = new SecretsManagerClient({
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    retryMode: "standard",
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_500, socketTimeout: 2_500, throwOnRequestTimeout: true }
  })
  clients.set(place, client)
  return client
}

/** An ARN belongs to one region, and does not exist in any other (AWS Secrets Manager guide, resource ARNs). */
const regionIn = (secretName: string): string | undefined => /^arn:aws[a-z-]*:secretsmanager:([a-z0-9-]+):/.exec(secretName)?.[1]
