/**
 * The responses of the two key endpoints, as data.
 *
 * @module
 */
import { type KeyOwner, type KeyRing, makeAlbKey, makeCognitoKey, type SigningKey, toJwk, toPem } from "./SigningKey.ts"

/** A response of a key endpoint. */
export interface KeyResponse {
  readonly status: number
  readonly type: string
  readonly body: string
}

/** The endpoints of one pool and of the load balancers. */
export interface KeyEndpoints {
  /** The path of the pool's JWK Set. */
  readonly jwksPath: string
  /** The signer to whose endpoint a path belongs. */
  readonly ownerOf: (path: string) => KeyOwner | undefined
  /** The correct response. */
  readonly answer: (path: string) => KeyResponse
  /** The same response with another key under every kid. */
  readonly answerWithOtherKeys: (path: string) => KeyResponse
  /** Makes the other keys, once. */
  readonly makeOtherKeys: () => Promise<void>
}

/** The path of the ALB's keys, by kid. */
export const albKeysPath = "/alb-keys"

/** S3's response for an ALB key that does not exist, and for the base URL. */
export const accessDenied: KeyResponse = {
  status: 403,
  type: "application/xml",
  body: '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>'
}

export const makeKeyEndpoints = (userPoolId: string, rings: Readonly<Record<KeyOwner, KeyRing>>): KeyEndpoints => {
  const jwksPath = `/${userPoolId}/.well-known/jwks.json`
  let otherKeys: Readonly<Record<KeyOwner, SigningKey>> | undefined

  const ownerOf = (path: string): KeyOwner | undefined =>
    path.startsWith(`${albKeysPath}/`) ? "alb" : path === jwksPath ? "cognito" : undefined

  const answer = (path: string, asPublished: (key: SigningKey, owner: KeyOwner) => SigningKey): KeyResponse => {
    const owner = ownerOf(path)
    if (owner === undefined) return accessDenied
    const keys = rings[owner].published.map((key) => asPublished(key, owner))
    if (owner === "cognito") return { status: 200, type: "application/json", body: JSON.stringify({ keys: keys.map(toJwk) }) }
    const key = keys.find(({ kid }) => path === `${albKeysPath}/${kid}`)
    return key === undefined ? accessDenied : { status: 200, type: "binary/octet-stream", body: toPem(key) }
  }

  return {
    jwksPath,
    ownerOf,
    answer: (path) => answer(path, (key) => key),
    answerWithOtherKeys: (path) => answer(path, (key, owner) => ({ ...(otherKeys?.[owner] ?? key), kid: key.kid })),
    makeOtherKeys: async () => {
      otherKeys ??= { alb: await makeAlbKey(), cognito: await makeCognitoKey() }
    }
  }
}
