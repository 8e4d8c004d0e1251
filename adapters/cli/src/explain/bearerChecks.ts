/** The checks of a service's request: its one token, in `Authorization`. Made on the paths of `--services` alone, and then instead of all others. */
import { bearerTokenOf } from "@cognito-auth/core/Authorization"
import type { CheckId } from "@cognito-auth/core/Check"
import { bearerForm } from "@cognito-auth/core/Jws"
import type { Shown } from "./Check.ts"
import { key, notBefore, signature, tokenUse } from "./claimChecks.ts"
import { expiry, form, jose, joseMember, keyId, list, payload, showValues, size } from "./headerChecks.ts"
import { clientId, describe, issuerUrl } from "./Redaction.ts"

type BearerCheckId = Extract<CheckId, `bearer.${string}`>

const claims = "Claims"

export const bearerChecks: Readonly<Record<BearerCheckId, Shown>> = {
  "bearer.header": {
    stage: "Headers",
    title: "authorization",
    expected: () => `sent once, ${size}`,
    actual: ({ authorization }) => showValues(authorization)
  },
  "bearer.alone": {
    stage: "Headers",
    title: "authorization: alone",
    expected: () => "no x-amzn-oidc-* header beside it",
    actual: ({ data, accessToken, identity }) => `${[data, accessToken, identity].filter((values) => values.length > 0).length} of them`
  },
  "bearer.scheme": {
    stage: "Headers",
    title: "authorization: scheme",
    expected: () => "Bearer, in these letters, one space, and one token",
    actual: ({ authorization: [value] }) =>
      typeof value === "string" && bearerTokenOf(value) !== undefined ? "as expected" : "anything else"
  },
  "bearer.form": form("bearer", bearerForm),
  "bearer.jose": jose("bearer"),
  "bearer.alg": joseMember("bearer", "alg", bearerForm.algorithm),
  "bearer.crit": joseMember("bearer", "crit", "absent"),
  "bearer.b64": joseMember("bearer", "b64", "absent"),
  "bearer.payload": payload("bearer"),
  "bearer.kid": keyId("bearer"),
  "bearer.iss": {
    stage: "Form and JOSE header",
    title: "bearer token: iss",
    expected: ({ settings }) => list(settings.issuers.keys()),
    actual: ({ bearer, redaction }) => redaction.show(bearer.payload?.["iss"], issuerUrl)
  },
  "bearer.exp": expiry("bearer"),
  "bearer.key": key("bearer"),
  "bearer.signature": signature("bearer"),
  "bearer.token_use": tokenUse("bearer"),
  "bearer.username": {
    stage: claims,
    title: "bearer token: username",
    expected: () => "absent, as in a service's token",
    actual: ({ bearer }) => describe(bearer.payload?.["username"])
  },
  "bearer.groups": {
    stage: claims,
    title: "bearer token: cognito:groups",
    expected: () => "absent, as in a service's token",
    actual: ({ bearer }) => describe(bearer.payload?.["cognito:groups"])
  },
  "bearer.client_id": {
    stage: claims,
    title: "bearer token: client_id",
    expected: () => "a string",
    actual: ({ bearer, redaction }) => redaction.show(bearer.payload?.["client_id"], clientId)
  },
  "bearer.sub": {
    stage: "Subject",
    title: "bearer token: sub",
    expected: () => "the client_id",
    actual: ({ bearer, redaction }) =>
      bearer.payload?.["sub"] === bearer.payload?.["client_id"] ? "the same" : `another: ${redaction.subject(bearer.payload?.["sub"])}`
  },
  "bearer.nbf": notBefore("bearer")
}
