/** An error of the AWS SDK → its reason, in a few words that contain nothing from the secret. */
import { codeOf } from "@cognito-auth/core/codeOf"

/** By the names of Secrets Manager's errors, and of those that any AWS service has (AWS Secrets Manager API, common errors). */
const reasons: Readonly<Record<string, string>> = {
  ResourceNotFoundException: "there is no such secret in this region",
  AccessDeniedException: "access is denied: allow secretsmanager:GetSecretValue, and kms:Decrypt for your own key",
  DecryptionFailure: "it cannot be decrypted with its KMS key",
  InvalidRequestException: "it cannot be read in its current state: is it scheduled for deletion?",
  CredentialsProviderError: "no AWS credentials were found",
  ExpiredTokenException: "the AWS credentials have expired",
  UnrecognizedClientException: "the AWS credentials are refused",
  InvalidSignatureException: "the AWS credentials are refused",
  ThrottlingException: "throttled",
  TooManyRequestsException: "throttled",
  TimeoutError: "timeout",
  AbortError: "timeout"
}

export const reasonOf = (cause: unknown): string => {
  if (!(cause instanceof Error)) return "unknown error"
  // First: the SDK calls a broken connection a TimeoutError, too.
  const code = connectionCodeOf(cause)
  if (code !== undefined) return `Secrets Manager cannot be reached (${code})`
  const known = Object.hasOwn(reasons, cause.name) ? reasons[cause.name] : undefined
  if (known !== undefined) return known
  if (cause.message === "Region is missing") return "no AWS region is set"
  const status = statusOf(cause)
  // The message of anything else may quote what was received.
  if (status !== undefined && status >= 500) return `Secrets Manager failed with status ${status}`
  return `Secrets Manager sent no usable response${status === undefined ? "" : ` (status ${status})`}: ${word(cause.name)}`
}

/** The system's code of an error that kept a connection from being made, or broke it. */
const connectionCodeOf = (cause: Error): string | undefined => {
  const code = codeOf(cause)
  return code !== undefined && /^E[A-Z_]{1,20}$/.test(code) && code !== "ETIMEDOUT" ? code : undefined
}

const statusOf = (cause: Error): number | undefined => {
  const metadata: unknown = "$metadata" in cause ? cause.$metadata : undefined
  if (typeof metadata !== "object" || metadata === null || !("httpStatusCode" in metadata)) return undefined
  return typeof metadata.httpStatusCode === "number" ? metadata.httpStatusCode : undefined
}

/** An error's name comes from the endpoint, too. */
const word = (name: string): string => (/^[A-Za-z]{1,60}$/.test(name) ? name : "unknown error")
