/** Forges of another provider than Cognito: one whose access token is ignored, and one whose access token is verified too. */
import { Provider } from "@cognito-auth/core"
import type { ForgeOptions } from "@cognito-auth/testing"
import { sharedForge } from "../../testing/test/sharedForge.ts"

const issuer = "https://idp.example.com/realms/main"
const jwksUrl = `${issuer}/certs`

export const ignoring = (options: ForgeOptions = {}) =>
  sharedForge({ ...options, provider: Provider.oidc({ issuer, clientId: "client-1", groupsClaim: "https://example.com/roles" }) })

export const verifying = (options: ForgeOptions = {}) =>
  sharedForge({
    ...options,
    provider: Provider.oidc({ issuer, clientId: "client-1", groupsClaim: "groups", jwksUrl, audience: "api://orders" })
  })
