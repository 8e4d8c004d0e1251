/**
 * The attacks on a service's sign-in: those on any token, with the bearer token in its place, and those on `Authorization`.
 *
 * @module
 */
import { type Attack, type AttackOnToken, attack } from "./Attack.ts"
import { attacks } from "./attacks.ts"
import type { ForgedHeaders } from "./forgeHeaders.ts"
import type { Forge } from "./makeForge.ts"

/** The same attack, with the service's token in its place. */
const onBearer = ({ title, error, overrides }: AttackOnToken): Attack =>
  attack(title, error, async (forge) => forge.bearer({ token: await overrides(forge) }))

/** Another `Authorization` with the same token. */
const rewritten = (title: string, change: (token: string) => string): Attack =>
  attack(title, "HeaderInvalid", async (forge) => ({ authorization: change(await tokenOf(forge)) }))

const tokenOf = async (forge: Forge): Promise<string> => ((await forge.bearer())["authorization"] ?? "").slice("Bearer ".length)

const bearing = (token: string): ForgedHeaders => ({ authorization: `Bearer ${token}` })

/**
 * The attacks on a service's sign-in by name: an app that trusts the forge must refuse each on the paths of its `services`.
 *
 * @example
 * for (const { title, error, headers } of Object.values(bearerAttacks)) {
 *   it(`refuses: ${title}`, async () => {
 *     const response = await fetch(`${url}/api`, { headers: await headers(forge) })
 *     expect(response.status).toBe(httpMeaning[error].status)
 *   })
 * }
 */
export const bearerAttacks = {
  noToken: onBearer(attacks.noToken),
  unsigned: onBearer(attacks.unsigned),
  algNone: onBearer(attacks.algNone),
  critical: onBearer(attacks.critical),
  hmacOfPoolKey: onBearer(attacks.hmacOfPoolKey),
  anotherPool: onBearer(attacks.accessOfAnotherPool),
  unknownPoolKey: onBearer(attacks.unknownPoolKey),
  otherPoolKey: onBearer(attacks.otherPoolKey),
  tamperedGroups: onBearer(attacks.tamperedGroups),
  expired: onBearer(attacks.accessExpired),
  notYetValid: onBearer(attacks.notYetValid),
  idToken: onBearer(attacks.idToken),
  anotherSubject: onBearer(attacks.crossedUsers),
  writtenClient: onBearer({ ...attacks.accessOfAnotherClient, error: "SubjectMismatch" }),

  padded: attack("a token with padding", "TokenMalformed", (forge) => forge.bearer({ token: { afterSigning: (token) => `${token}=` } })),
  tamperedScope: attack("a scope written into a signed token", "SignatureInvalid", async (forge) => {
    const [header, , signature] = (await tokenOf(forge)).split(".")
    const [, payload] = ((await forge.bearer({ scopes: ["orders/write"] }))["authorization"] ?? "").split(".")
    return bearing([header, payload, signature].join("."))
  }),

  // A user's tokens
  userToken: attack("a user's access token", "TokenUseRefused", async (forge, user) => bearing((await forge.tokens(user)).accessToken)),
  userTokenWithoutName: attack("a user's access token that names groups alone", "TokenUseRefused", async (forge) =>
    bearing((await forge.tokens({ username: undefined, groups: ["staff"] })).accessToken)
  ),
  userTokenWithoutNameAndGroups: attack("a user's access token that names the sub alone", "SubjectMismatch", async (forge) =>
    bearing((await forge.tokens({ username: undefined, groups: [] })).accessToken)
  ),
  clientWithUsername: attack("a client's token that names a user", "TokenUseRefused", (forge) =>
    forge.bearer({ token: { claims: { username: "" } } })
  ),
  noClient: attack("a token without a client", "TokenMalformed", (forge) =>
    forge.bearer({ token: { claims: { client_id: undefined, sub: undefined } } })
  ),
  albToken: attack("the load balancer's token", "AlgorithmRefused", async (forge, user) =>
    bearing((await forge.tokens({ ...user, alb: { padding: false } })).data)
  ),

  // Authorization
  sentTwice: rewritten("Bearer twice", (token) => `Bearer ${token}, Bearer ${token}`),
  lowerCase: rewritten("bearer in small letters", (token) => `bearer ${token}`),
  capitals: rewritten("BEARER in capitals", (token) => `BEARER ${token}`),
  twoSpaces: rewritten("two spaces after Bearer", (token) => `Bearer  ${token}`),
  tab: rewritten("a tab after Bearer", (token) => `Bearer\t${token}`),
  noSpace: rewritten("no space after Bearer", (token) => `Bearer${token}`),
  noScheme: rewritten("the token alone", (token) => token),
  twoTokens: rewritten("two tokens", (token) => `Bearer ${token} ${token}`),
  bearerTwice: rewritten("the word Bearer twice", (token) => `Bearer Bearer ${token}`),
  basic: rewritten("Basic", (token) => `Basic ${token}`),
  onlyScheme: rewritten("Bearer without a token", () => "Bearer"),
  bothSignIns: attack("a user's sign-in beside the service's", "HeaderInvalid", async (forge, user) => ({
    ...(await forge.headers(user)),
    ...(await forge.bearer())
  })),
  withIdentity: attack("a user's identity header beside the service's token", "HeaderInvalid", async (forge) => ({
    "x-amzn-oidc-identity": "a-user",
    ...(await forge.bearer())
  }))
} satisfies Record<string, Attack>
