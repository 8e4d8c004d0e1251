/**
 * The policy from a secret in AWS Secrets Manager, read with the AWS SDK and kept up to date.
 *
 * With `COGNITO_AUTH_SECRET_NAME` in the environment, core loads this package if it is installed.
 *
 * @module
 */
export { ConfigurationError, type PolicySource } from "@cognito-auth/core"
export { type ReadSecretOptions, readSecret } from "./readSecret.ts"
export { type SecretsManagerOptions, secretsManager } from "./secretsManager.ts"
