/**
 * One request → every check with the expected and the actual value, and the first failed check.
 *
 * The pipeline decides. Its error identifies the failed check: the checks before it have passed, the checks after it did not run.
 */
import {
  type AuthError,
  type Decision,
  httpMeaning,
  isOutage,
  Policy,
  type Principal,
  Service,
  type Settings,
  User
} from "@cognito-auth/core"
import type { CheckId } from "@cognito-auth/core/Check"
import { isMadeOf, verifiesAccessToken } from "@cognito-auth/core/Expected"
import { groupsOf } from "@cognito-auth/core/Groups"
import { hasNoTokens } from "@cognito-auth/core/Headers"
import * as Effect from "effect/Effect"
import type { AppPipeline } from "./AppPipeline.ts"
import type { Stage, StepId } from "./Check.ts"
import { checks, failedCheck } from "./failedCheck.ts"
import { type Asks, type Received, readReceived, type TokenName } from "./Received.ts"
import type { ReadRequest } from "./readRequests.ts"
import { remedyFor } from "./remedies.ts"

type Status = "passed" | "failed" | "not checked"

export interface Step {
  readonly id: string
  readonly stage: Stage
  readonly title: string
  readonly status: Status
  readonly expected: string
  readonly actual: string
}

export type RequestVerdict = "admitted" | "refused" | "outage"

interface Failure {
  readonly error: AuthError["_tag"]
  readonly status: number
  /** The id of the step that failed. */
  readonly step: string
  readonly title: string
  /** The pipeline's own message. */
  readonly message: string
  readonly remedy: string
}

export interface RequestExplanation {
  readonly verdict: RequestVerdict
  readonly at: string
  /** The app's response. 200 stands for any response to an admitted request. */
  readonly answer: { readonly status: number; readonly location?: string }
  /** Whether the user is the mock user of dev mode. */
  readonly isMockUser: boolean
  readonly failure: Failure | undefined
  readonly steps: ReadonlyArray<Step>
  /** The tokens as received, if requested. Unless the signature checks have passed, they may be forged. */
  readonly claims?: Partial<Readonly<Record<TokenName, ShownToken>>>
}

interface ShownToken {
  readonly header: Readonly<Record<string, unknown>> | undefined
  readonly payload: Readonly<Record<string, unknown>> | undefined
}

export const verdictOf = (decision: Decision): RequestVerdict =>
  decision._tag === "Admit" ? "admitted" : isOutage(decision.error) ? "outage" : "refused"

export const explainRequest = async (
  pipeline: AppPipeline,
  request: ReadRequest,
  nowMillis: number,
  showClaims: boolean
): Promise<RequestExplanation> => {
  const { settings } = pipeline
  const decision = await pipeline.decide(request, nowMillis)
  const error = decision._tag === "Admit" ? undefined : decision.error
  const asks = pipeline.asks(request)
  const received = readReceived(settings, request, nowMillis, showClaims, asks)
  const failed = error === undefined ? undefined : failedCheck(error, settings, asks, () => received.alb, nowMillis)
  const isMockUser = settings.devUser !== undefined && asks === "user" && hasNoTokens(request.headers)
  const policy = await readPolicyStep(pipeline, received, decision, isMockUser)

  let isReached = true
  const steps = checks
    .filter(({ id }) => isShown(settings, id, asks))
    .map((check): Step => {
      const { id, stage, title } = check
      let status: Status = isReached && isMade(settings, id, asks) ? "passed" : "not checked"
      if (check === failed) {
        status = "failed"
        isReached = false
      } else if (isReached && ((isMockUser && isOfTokens(id)) || wasSkipped(id, error, failed?.id))) status = "not checked"
      const shown = id === "policy" ? policy : { expected: check.expected(received), actual: check.actual(received) }
      return { id, stage, title, status, ...shown }
    })

  return {
    verdict: verdictOf(decision),
    at: new Date(nowMillis).toISOString(),
    answer:
      decision._tag === "Admit"
        ? { status: 200 }
        : { status: decision.status, ...(decision._tag === "Redirect" ? { location: String(decision.headers["location"]) } : {}) },
    isMockUser,
    failure:
      error === undefined || failed === undefined
        ? undefined
        : {
            error: error._tag,
            status: httpMeaning[error._tag].status,
            step: failed.id,
            title: httpMeaning[error._tag].title,
            message: error.message,
            remedy: remedyFor(error, received, request.sentAt)
          },
    steps,
    ...(showClaims ? { claims: claimsOf(received, asks) } : {})
  }
}

/** A service's token, or both of a user; without an access token that is ignored, which is not read. */
const claimsOf = (received: Received, asks: Asks): Required<RequestExplanation>["claims"] =>
  asks === "service"
    ? { bearer: tokenOf(received, "bearer") }
    : {
        alb: tokenOf(received, "alb"),
        ...(verifiesAccessToken(received.settings.provider) ? { access: tokenOf(received, "access") } : {})
      }

/** The mock user of dev mode has no tokens. */
const isOfTokens = (id: StepId): id is CheckId => id !== "request.target" && id !== "request.origin" && id !== "policy"

const isMade = ({ provider }: Settings, id: StepId, asks: Asks): boolean => !isOfTokens(id) || isMadeOf(provider, id, asks)

/** Those that are made; and of an access token that is ignored, that it is. */
const isShown = (settings: Settings, id: StepId, asks: Asks): boolean =>
  isMade(settings, id, asks) || (asks === "user" && id === "header.accesstoken")

const tokenOf = (received: Received, name: TokenName): ShownToken => ({
  header: received[name].header,
  payload: received[name].payload
})

/** Both keys are fetched in parallel. If the second is unavailable, the first signature was not checked. */
const wasSkipped = (id: string, error: AuthError | undefined, failedId: string | undefined): boolean =>
  id === "alb.signature" && error?._tag === "KeySourceUnavailable" && failedId === "access.key"

const readPolicyStep = async (
  { settings, run }: AppPipeline,
  received: Received,
  decision: Decision,
  isMockUser: boolean
): Promise<{ readonly expected: string; readonly actual: string }> => {
  if (decision._tag !== "Admit" && decision.error._tag === "PolicyUnavailable") {
    return { expected: "a policy in force", actual: decision.error.reason }
  }
  const policy = await run(Effect.result(settings.policySource.current), received.nowMillis)
  if (policy._tag === "Failure") return { expected: "a policy in force", actual: policy.failure.reason }
  const expected = policy.success.describe
  const principal =
    decision._tag === "Admit" ? decision.principal : isMockUser ? undefined : refusedPrincipal(settings, received, decision.error)
  if (principal === undefined) return { expected, actual: "" }
  const explained = await run(Effect.result(Policy.explain(policy.success, principal)), received.nowMillis)
  return { expected, actual: explained._tag === "Success" ? explained.success.reason : "a rule failed" }
}

/** Who was refused by the policy: every other check had passed before. */
const refusedPrincipal = (settings: Settings, { alb, access, bearer }: Received, error: AuthError): Principal | undefined => {
  if (error._tag === "NotAuthorised" && bearer.payload !== undefined) return Service.fromClaims(bearer.payload)
  if (error._tag !== "NotAuthorised" || alb.payload === undefined) return undefined
  const claims = { oidc: alb.payload, access: access.payload ?? {}, issuer: String(alb.header?.["iss"]), exp: 0 }
  return User.fromClaims(claims, settings.platformAdminGroups, groupsOf(settings.provider))
}
