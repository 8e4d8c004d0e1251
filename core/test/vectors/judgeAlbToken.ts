/** Genuine load balancers' tokens with the genuine keys at their time, and what was changed in them. */
import { CognitoAuth, type Decision, KeySource, type Options, Policy } from "@cognito-auth/core"
import { checkAlbClaims } from "@cognito-auth/core/Claims"
import { albForm, hasValidSignature, readJws, readPayload } from "@cognito-auth/core/Jws"
import { readPem, type VerificationKey } from "@cognito-auth/core/Key"
import { makeRoute } from "@cognito-auth/core/Route"
import { readSettings } from "@cognito-auth/core/Settings"
import { makeForge } from "@cognito-auth/testing"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { TestClock } from "effect/testing"
import { accept, type Judge, reject, type Verdict } from "./Row.ts"

interface Input {
  readonly token: string
  readonly kid: string
  readonly public_key_pem?: string
  /** Seconds. */
  readonly now: number
  readonly config: { readonly issuer: string | null; readonly client: string | null; readonly signer: string | null }
  /** `full`: the whole pipeline. `signature`: that step alone. `signature+exp`: and the expiry. */
  readonly api_level: "full" | "signature" | "signature+exp"
}

export const judgeAlbToken: Judge = (input) => {
  const row = input as unknown as Input
  const key = Result.getOrUndefined(readPem(row.kid, row.public_key_pem ?? ""))
  if (row.api_level === "full") return judgePipeline(row, key)
  if (row.api_level !== "signature" && row.api_level !== "signature+exp") throw new Error(`unknown api_level ${row.api_level}`)
  return judgeSignature(row, key)
}

/** Its access token is not published, so it gets one of the same sign-in by a forge whose key the pool then has. */
const judgePipeline = async (row: Input, albKey: VerificationKey | undefined): Promise<Verdict> => {
  const options = optionsOf(row)
  const settings = readSettings(options, {})
  if (Result.isFailure(settings)) return reject(`configuration: ${settings.failure.map(({ setting }) => setting).join(", ")}`)
  const forge = await poolForge
  const sub = readSub(row.token)
  const { accessToken } = await forge.tokens({
    sub,
    access: { claims: { iss: row.config.issuer, client_id: row.config.client, exp: row.now + 3_600 } }
  })
  const poolKey = forge.keys.cognito.current
  const [albKeysUrl = ""] = settings.success.signers.values()
  const [jwksUrl = ""] = settings.success.issuers.values()
  const auth = CognitoAuth.make({
    ...options,
    keySource: KeySource.memory([
      ...(albKey === undefined ? [] : [{ source: albKeysUrl, kid: row.kid, key: albKey }]),
      { source: jwksUrl, kid: poolKey.kid, key: { kid: poolKey.kid, algorithm: "RS256", key: poolKey.publicKey } }
    ])
  })
  const headers = { "x-amzn-oidc-data": row.token, "x-amzn-oidc-accesstoken": accessToken, "x-amzn-oidc-identity": sub }
  return toVerdict(await runAt(row.now, auth.decide({ method: "GET", target: "/", headers }, makeRoute())))
}

const poolForge = makeForge()

const optionsOf = ({ config: { issuer, client, signer } }: Input): Options => {
  const pool = /^https:\/\/cognito-idp\.[^./]+\.amazonaws\.com\/(.*)$/.exec(issuer ?? "")?.[1]
  const options: unknown = { userPoolId: pool ?? null, clientId: client, albArn: signer, policy: Policy.anyUser }
  return options as Options
}

/** Whose token it says it is, however it was changed. */
const readSub = (token: string): string => {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString())
    const { sub } = claims as { readonly sub?: unknown }
    return typeof sub === "string" ? sub : "sub"
  } catch {
    return "sub"
  }
}

const judgeSignature = ({ token, now, api_level }: Input, key: VerificationKey | undefined): Verdict => {
  const jws = readJws(token, albForm)
  if (Result.isFailure(jws)) return reject(`${jws.failure._tag}: ${jws.failure.check}`)
  if (key === undefined) return reject("KeyUnknown")
  if (!hasValidSignature(jws.success, key)) return reject("SignatureInvalid")
  if (api_level === "signature") return accept("the signature is the key's")
  const payload = readPayload(jws.success)
  if (Result.isFailure(payload)) return reject(payload.failure._tag)
  // Its issuer is none that can be configured, so the checks before this one are not for it.
  const settings = Result.getOrThrow(readSettings(anyConfiguration, {}))
  const { header } = jws.success
  const alb = {
    key: { source: "", kid: key.kid },
    issuer: String(header["iss"]),
    client: String(header["client"]),
    exp: Number(header["exp"])
  }
  const checked = checkAlbClaims(settings, alb, payload.success, now * 1000)
  return Result.isSuccess(checked) ? accept("signed, and in time") : reject(checked.failure._tag)
}

const anyConfiguration: Options = {
  userPoolId: "eu-west-2_AbC123xyz",
  clientId: "client",
  albArn: "arn:aws:elasticloadbalancing:eu-west-2:123456789012:loadbalancer/app/my-alb/50dc6c495c0c9188",
  policy: Policy.anyUser
}

export const runAt = <A, E>(seconds: number, effect: Effect.Effect<A, E>): Promise<A> =>
  Effect.runPromise(TestClock.setTime(seconds * 1000).pipe(Effect.andThen(effect), Effect.provide(TestClock.layer())))

export const toVerdict = (decision: Decision): Verdict =>
  decision._tag === "Admit" ? accept("the whole pipeline admits it") : reject(decision.error._tag)
