/**
 * One request → every check with the expected and the actual value, and the first failed check.
 *
 * The pipeline decides. Its error identifies the failed check: the checks before it have passed, the checks after it did not run.
 */
import { type AuthError, type Decision, httpMeaning, isOutage, Policy, type Settings, User } from "@cognito-auth/core"
import type { CheckId } from "@cognito-auth/core/Check"
import { isMadeOf, verifiesAccessToken } from "@cognito-auth/core/Expected"
import { groupsOf } from "@cognito-auth/core/Groups"
import { hasNoTokens } from "@cognito-auth/core/Headers"
import * as Effect from "effect/Effect"
import type { AppPipeline } from "./AppPipeline.ts"
import type { Stage, StepId } from "./Check.ts"
import { checks, failedCheck } from "./failedCheck.ts"
import { type Received, readReceived } from "./Received.ts"
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
  /** Both tokens as received, if requested. Unless the signature checks have passed, they may be forged. */
  readonly claims?: { readonly alb: ShownToken; readonly access?: ShownToken }
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
  const received = readReceived(settings, request, nowMillis, showClaims)
  const failed = error === undefined ? undefined : failedCheck(error, settings, () => received.alb, nowMillis)
  const isMockUser = settings.devUser !== undefined && hasNoTokens(request.headers)
  const policy = await readPolicyStep(pipeline, received, decision, isMockUser)

  let isReached = true
  const steps = checks
    .filter(({ id }) => isShown(settings, id))
    .map((check): Step => {
      const { id, stage, title } = check
      let status: Status = isReached && isMade(settings, id) ? "passed" : "not checked"
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
    ...(showClaims ? { claims: claimsOf(received) } : {})
  }
}

/** Both tokens; without an access token that is ignored, which is not read. */
const claimsOf = (received: Received): Required<RequestExplanation>["claims"] => ({
  alb: tokenOf(received, "alb"),
  ...(verifiesAccessToken(received.settings.provider) ? { access: tokenOf(received, "access") } : {})
})

/** The mock user of dev mode has no tokens. */
const isOfTokens = (id: StepId): id is CheckId => id !== "request.target" && id !== "request.origin" && id !== "policy"

const isMade = ({ provider }: Settings, id: StepId): boolean => !isOfTokens(id) || isMadeOf(provider, id)

/** Those that are made; and of an access token that is ignored, that it is. */
const isShown = (settings: Settings, id: StepId): boolean => isMade(settings, id) || id === "header.accesstoken"

const tokenOf = (received: Received, name: "alb" | "access"): ShownToken => ({
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
  const user = decision._tag === "Admit" ? decision.user : isMockUser ? undefined : refusedUser(settings, received, decision.error)
  if (user === undefined) return { expected, actual: "" }
  const explained = await run(Effect.result(Policy.explain(policy.success, user)), received.nowMillis)
  return { expected, actual: explained._tag === "Success" ? explained.success.reason : "a rule failed" }
}

/** The user whom the policy refused: every other check had passed before. */
const refusedUser = (settings: Settings, { alb, access }: Received, error: AuthError): User | undefined => {
  if (error._tag !== "NotAuthorised" || alb.payload === undefined) return undefined
  const claims = { oidc: alb.payload, access: access.payload ?? {}, issuer: String(alb.header?.["iss"]), exp: 0 }
  return User.fromClaims(claims, settings.platformAdminGroups, groupsOf(settings.provider))
}
