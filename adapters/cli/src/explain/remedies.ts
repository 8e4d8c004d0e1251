/** What to do about each error, for the person who runs the app: beyond what the error's own message says. */
import type { AuthError, AuthErrorTag } from "@cognito-auth/core"
import type { Received } from "./Received.ts"

const remedies: Readonly<Record<AuthErrorTag, string>> = {
  TargetInvalid:
    "Encode the address: a raw # or space in a path is %23 or %20. No browser sends one; treat it as an attempt to evade a path rule.",
  TargetTooLong: "Send what is so long in the body: a load balancer passes 16 KiB of request line.",
  CrossOriginRefused:
    "If the page that sent it is yours, add its origin to COGNITO_AUTH_ALLOWED_ORIGINS; if a path is meant for anybody's pages, name it in the guard's crossOrigin.allow, which this command does not know. If something between browser and app changes Host, let it pass Host unchanged. Else it is an attack on your user: nothing to do.",
  HeaderMissing:
    "Give the load balancer's listener rule for this path the action authenticate-cognito (not OnUnauthenticatedRequest=allow), and let the app's security group admit the load balancer alone. A page that needs no sign-in belongs in bypass.",
  HeaderInvalid: "Find what adds or joins headers between the load balancer and the app, and take it out.",
  TokenMalformed:
    "Compare the header with what the load balancer sends: a proxy that trims, decodes, re-encodes or cuts it breaks it. If it was copied by hand, copy it whole.",
  AlgorithmRefused:
    "The load balancer signs with ES256 and Cognito with RS256, always: this token is of something else. Look for who made it; treat it as forged.",
  SignerRefused:
    "If the load balancer that signed is yours, add its ARN to COGNITO_AUTH_ALB_ARN. If it is not, somebody reaches the app past your load balancer: close its port to everything else.",
  ClientRefused:
    "Compare COGNITO_AUTH_CLIENT_ID with the app client in the listener rule's authenticate-cognito action. If both clients are to be let in, list both.",
  IssuerRefused: "Compare COGNITO_AUTH_USER_POOL_ID and the region in it with the user pool of the listener rule.",
  KeyUnknown:
    "Check that COGNITO_AUTH_ALB_KEYS_URL and COGNITO_AUTH_JWKS_URL are of the token's region and pool (cognito-auth doctor asks them). With --keys: the file has no key of this kid. Else the token is forged, or older than the keys.",
  SignatureInvalid:
    "If every request fails so, something on the way changes the header: most often it strips the = padding, which is signed. If few do, treat them as forged.",
  TokenExpired:
    "Reload the page: the load balancer signs anew. If fresh requests fail too, set this machine's clock (cognito-auth doctor compares it).",
  TokenNotYetValid: "Set this machine's clock by NTP (cognito-auth doctor compares it).",
  TokenUseRefused: "Find what puts the ID token in the access token's place, and let the load balancer's header through.",
  SubjectMismatch: "Find what mixes the headers of two requests, as a cache in front of the app; else treat it as forged.",
  NotAuthorised:
    "Add the user or one of the user's groups to the policy, or the user to a group of it in Cognito; groups take force at the next sign-in.",
  KeySourceUnavailable:
    "Run cognito-auth doctor on this machine: it asks every key endpoint. A private network can be given its keys (--keys, option keys).",
  PolicyUnavailable: "Run cognito-auth doctor on this machine: it reads the policy from where the app does."
}

export const remedyFor = (error: AuthError, received: Received, sentAt: number | undefined): string => {
  const remedy = remedies[error._tag]
  if (error._tag !== "TokenExpired") return remedy
  const then = sentAt ?? lastMoment(received)
  return then === undefined ? remedy : `${remedy} To see what else it would have met when it was sent: --at ${new Date(then).toISOString()}`
}

/** The last second in which both tokens were in time. */
const lastMoment = ({ alb, access }: Received): number | undefined => {
  const ends = [alb.header?.["exp"], alb.payload?.["exp"], access.payload?.["exp"]].filter((exp) => typeof exp === "number")
  const last = Math.min(...ends) - 1
  return Math.abs(last) <= 8.64e12 ? Math.trunc(last) * 1000 : undefined
}
