/** What to do about each error, for the operator of the app, in addition to the error's message. */
import type { AuthError, AuthErrorTag } from "@cognito-auth/core"
import { accessTokenHeader } from "@cognito-auth/core/Headers"
import type { Received } from "./Received.ts"

const remedies: Readonly<Record<AuthErrorTag, string>> = {
  TargetInvalid:
    "Encode the address: a raw # or space in a path is %23 or %20. No browser sends one; treat it as an attempt to bypass a path rule.",
  TargetTooLong: "Send long data in the request body: a load balancer passes a request line of up to 16 KiB.",
  CrossOriginRefused:
    "If the page that sent it is yours, add its origin to COGNITO_AUTH_ALLOWED_ORIGINS; if any page may send to this path, name the path in the guard's crossOrigin.allow, which this command does not know. If a proxy changes Host on the way, let it forward Host unchanged. Otherwise it is an attack on your user, and was stopped.",
  HeaderMissing:
    "Give the load balancer's listener rule for this path the action authenticate-cognito or authenticate-oidc (not OnUnauthenticatedRequest=allow), and let the app's security group admit only the load balancer. Add a page that needs no sign-in to bypass.",
  HeaderInvalid: "Find the proxy between the load balancer and the app that adds or joins headers, and remove it.",
  TokenMalformed:
    "Compare the header with the one that the load balancer sends: a proxy must not trim, decode, re-encode or truncate it. If it was copied by hand, copy all of it.",
  AlgorithmRefused:
    "The load balancer always signs with ES256, and the provider with RS256, so this token has another origin. Find out where it comes from; treat it as forged.",
  SignerRefused:
    "If the load balancer that signed is yours, add its ARN to COGNITO_AUTH_ALB_ARN. If it is not, the app receives requests that bypass your load balancer: close its port to all other sources.",
  ClientRefused:
    "Compare COGNITO_AUTH_CLIENT_ID with the app client in the listener rule's authenticate action; for aud, compare COGNITO_AUTH_AUDIENCE with the API that the provider issues access tokens for. To accept both clients, list both.",
  IssuerRefused:
    "Compare COGNITO_AUTH_USER_POOL_ID and the region in it with the user pool of the listener rule; with another provider, compare COGNITO_AUTH_ISSUER with the issuer of the rule, character by character.",
  KeyUnknown:
    "Check that COGNITO_AUTH_ALB_KEYS_URL and COGNITO_AUTH_JWKS_URL belong to the token's region and pool (cognito-auth doctor checks them). With --keys: the file has no key with this kid. Otherwise the token is forged, or older than the keys.",
  SignatureInvalid:
    "If every request fails with this error, a proxy modifies the header: most often it removes the = padding, which is signed. If only a few fail, treat them as forged.",
  TokenExpired:
    "Reload the page, so that the load balancer signs a new token. If new requests fail too, set this machine's clock (cognito-auth doctor checks it).",
  TokenNotYetValid: "Set this machine's clock by NTP (cognito-auth doctor checks it).",
  TokenUseRefused:
    "Of a user's sign-in: find the proxy that replaces the access token with the ID token, and forward the load balancer's header unchanged. Of a service: have it get its token by client credentials; a user's token admits on no path of services.",
  SubjectMismatch:
    "Find out what mixes the headers of two requests, for example a cache in front of the app. Otherwise treat it as forged.",
  NotAuthorised:
    "Add the user or one of the user's groups to the policy, or add the service's client or scopes, or the user to an allowed group in Cognito or at the provider. Groups take effect at the next sign-in.",
  KeySourceUnavailable:
    "Run cognito-auth doctor on this machine: it checks every key endpoint. In a private network, configure the keys (--keys, option keys).",
  PolicyUnavailable: "Run cognito-auth doctor on this machine: it reads the policy from the same source as the app."
}

export const remedyFor = (error: AuthError, received: Received, sentAt: number | undefined): string => {
  const remedy = [...ofProvider(error, received), remedies[error._tag]].join(" ")
  if (error._tag !== "TokenExpired") return remedy
  const validAt = sentAt ?? lastValidMillis(received)
  return validAt === undefined ? remedy : `${remedy} To check it as of the time when it was sent: --at ${new Date(validAt).toISOString()}`
}

/** What is likelier with another provider than Cognito: each sends other claims, and few send access tokens that can be verified. */
const ofProvider = (error: AuthError, { settings: { provider }, alb, bearer }: Received): ReadonlyArray<string> => {
  if (provider._tag === "cognito") return []
  if ("header" in error && error.header === accessTokenHeader && !isTime(error)) {
    return [
      "If the provider's access tokens are opaque, of another algorithm, issuer or audience, or have another sub than its userinfo, they cannot be verified: unset COGNITO_AUTH_JWKS_URL and COGNITO_AUTH_AUDIENCE, and they are ignored."
    ]
  }
  if (error._tag !== "NotAuthorised" || bearer.payload !== undefined || alb.payload === undefined) return []
  const { groupsClaim } = provider
  const found: Array<string> = []
  if (groupsClaim === undefined) found.push("No user's groups are known: for a policy with groups, set COGNITO_AUTH_GROUPS_CLAIM.")
  else if (!isListOfStrings(alb.payload[groupsClaim])) {
    found.push(
      `The provider's userinfo has no list of strings in the claim ${groupsClaim}: have it send one, by a scope or a mapping of its own, or correct COGNITO_AUTH_GROUPS_CLAIM.`
    )
  }
  if (alb.payload["email_verified"] === undefined) {
    found.push(
      "The provider does not say whether the e-mail is verified: for a policy with e-mails, request the scope email in the listener rule; or, if all of its e-mails are to be trusted, give requireVerifiedEmail: false."
    )
  }
  return found
}

const isTime = ({ _tag }: AuthError): boolean => _tag === "TokenExpired" || _tag === "TokenNotYetValid"

const isListOfStrings = (value: unknown): boolean => Array.isArray(value) && value.every((each) => typeof each === "string")

/** The last second before one of the tokens expires. */
const lastValidMillis = ({ alb, access, bearer }: Received): number | undefined => {
  const ends = [alb.header?.["exp"], alb.payload?.["exp"], access.payload?.["exp"], bearer.payload?.["exp"]].filter(
    (exp) => typeof exp === "number"
  )
  const last = Math.min(...ends) - 1
  return Math.abs(last) <= 8.64e12 ? Math.trunc(last) * 1000 : undefined
}
