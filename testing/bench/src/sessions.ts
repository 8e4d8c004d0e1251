/** Signed-in users and their requests, as a load balancer forwards them. */
import { makeForge } from "@cognito-auth/testing"

/** Both lifetimes outlast a run. */
export const forge = await makeForge({ albLifetime: "12 hours", accessLifetime: "12 hours" })

/** One signed-in user. */
export interface Session {
  readonly sub: string
  readonly data: string
  readonly accessToken: string
  /** The ALB's token, signed again some minutes later. */
  readonly resigned: string
  /** The same without padding, signed so: most libraries take no other. */
  readonly unpadded: string
  readonly unpaddedResigned: string
}

export interface SessionOptions {
  readonly groups?: ReadonlyArray<string>
  /** Further claims of the ALB's token. */
  readonly claims?: Readonly<Record<string, unknown>>
}

/** The ALB's tokens of one second share their JOSE header. These were signed within the last two minutes, as an ALB's are. */
const secondsMixed = 120

/** Yields to the event loop from time to time: one signature takes most of a millisecond. */
export const makeSessions = async (count: number, { groups = ["staff", "developers"], claims = {} }: SessionOptions = {}) => {
  const sessions: Array<Session> = []
  const base = Math.floor(forge.now() / 1000) + 40_000
  for (let index = 0; index < count; index++) {
    const sub = crypto.randomUUID()
    const user = { sub, groups, email: `user${index}@example.com` }
    const exp = base + ((index * 7_919) % secondsMixed)
    const albToken = (exp: number, padding: boolean) =>
      forge.tokens({ ...user, alb: { header: { exp }, claims: { ...claims, exp }, padding }, access: { signWith: unsigned } })
    const signed = await forge.tokens({ ...user, alb: { header: { exp }, claims: { ...claims, exp } } })
    sessions.push({
      sub,
      data: signed.data,
      accessToken: signed.accessToken,
      resigned: (await albToken(exp + 60, true)).data,
      unpadded: (await albToken(exp, false)).data,
      unpaddedResigned: (await albToken(exp + 60, false)).data
    })
  }
  return sessions
}

/** Spares the RSA signature of an access token that nobody will read. */
const unsigned = () => new Uint8Array(256)

/** A string as a socket delivers it: new, and not hashed yet. */
export const fresh = (text: string): string => Buffer.from(text, "latin1").toString("latin1")

/** A request as it arrives behind a load balancer, new in every part. */
export const toHeaders = ({ sub, data, accessToken }: Pick<Session, "sub" | "data" | "accessToken">): Record<string, string> => ({
  host: "app.example.com",
  "x-forwarded-for": "203.0.113.7",
  "x-forwarded-proto": "https",
  "x-forwarded-port": "443",
  "x-amzn-trace-id": "Root=1-67891233-abcdef012345678912345678",
  accept: "application/json",
  "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
  "x-amzn-oidc-accesstoken": fresh(accessToken),
  "x-amzn-oidc-data": fresh(data),
  "x-amzn-oidc-identity": fresh(sub)
})
