/** What must compile, and what must not: checked by `tsc`, never run. */
import {
  type ALBEvent,
  type ALBResult,
  type AuthError,
  type Context,
  cognitoAuth,
  type Handler,
  type LambdaAuth,
  Policy,
  type Service,
  type User
} from "@cognito-auth/lambda"
import type * as Aws from "aws-lambda"

type ALBHandler = Aws.ALBHandler

const auth: LambdaAuth = cognitoAuth({ policy: Policy.anyUser, keys: { preload: false } })

// What is returned is a Lambda function, by the names that others have for it.
export const handler: ALBHandler = auth.withAuth(() => ({ statusCode: 204 }))
export const guarded: Handler = auth.withAuth(
  async (event, context, user) => {
    const groups: ReadonlyArray<string> = user.groups
    const path: string = event.path
    return { statusCode: 200, headers: { "x-request": context.awsRequestId }, body: JSON.stringify({ groups, path, email: user.email }) }
  },
  { bypass: ["/health"], onFailure: "status", require: { admin: true } }
)
export const others: ReadonlyArray<ALBHandler> = [
  auth.require({ groups: "admins", users: ["ada@example.com"] })((_event, _context, user) => ({ statusCode: 200, body: user.name })),
  auth.session(),
  auth.signOut({ cognitoDomain: "https://a.auth.eu-west-2.amazoncognito.com", logoutUri: "https://a.example/", cookieShards: 2 })
]

// The types of @types/aws-lambda and the adapter's own stand for each other.
export const ownEvent = (event: Aws.ALBEvent): ALBEvent => event
export const theirEvent = (event: ALBEvent): Aws.ALBEvent => event
export const ownResult = (result: Aws.ALBResult): ALBResult => result
export const theirResult = (result: ALBResult): Aws.ALBResult => result
export const ownContext = (context: Aws.Context): Context => context
export const theirs: ALBHandler = auth.withAuth(
  async (event: Aws.ALBEvent, context: Aws.Context, user): Promise<Aws.ALBResult> => ({
    statusCode: 200,
    body: [event.path, context.clientContext?.client.appTitle, user.email].join()
  })
)
export const strict: ALBHandler = auth.require({ admin: true })((_event, context: Aws.Context) => ({
  statusCode: 200,
  body: context.awsRequestId
}))

export const byHand = async (event: ALBEvent): Promise<ALBResult> => {
  const user: User = await auth.authenticate(event)
  return { statusCode: 200, body: `${user.email} ${auth.getAuthUser(event).isAdmin}` }
}
export const outage = (error: AuthError): boolean => error._tag === "KeySourceUnavailable" || error._tag === "PolicyUnavailable"

// @ts-expect-error An event has no such field: its types are there without @types/aws-lambda.
auth.withAuth((event) => ({ statusCode: 200, body: event.rawPath }))
// @ts-expect-error Nor has the context.
auth.withAuth((_event, context) => ({ statusCode: 200, body: context.requestId }))
// @ts-expect-error A status is a number.
auth.withAuth(() => ({ statusCode: "200" }))
// @ts-expect-error An event is not just anything.
auth.getAuthUser("event")
// @ts-expect-error A handler returns a result.
auth.withAuth(() => "hello")
// @ts-expect-error A result has a status.
auth.withAuth(() => ({ body: "hello" }))
// @ts-expect-error bypass is a list of paths.
auth.withAuth(() => ({ statusCode: 204 }), { bypass: "/health" })
// @ts-expect-error There is no such answer to a failure.
auth.withAuth(() => ({ statusCode: 204 }), { onFailure: "ignore" })
// @ts-expect-error No connection outlives a Lambda function's answer.
auth.withAuth(() => ({ statusCode: 204 }), { closeOnExpiry: true })
// @ts-expect-error A requirement is of groups, users or administrators.
auth.require({ group: "admins" })
// @ts-expect-error Signing out goes somewhere.
auth.signOut({ cognitoDomain: "https://a.auth.eu-west-2.amazoncognito.com" })
// @ts-expect-error A duration has a unit.
cognitoAuth({ clockTolerance: 5 })
// @ts-expect-error A policy is made by Policy.
cognitoAuth({ policy: { allowedGroups: ["staff"] } })
auth.withAuth((_event, _context, user) => {
  // @ts-expect-error A user cannot be changed.
  user.email = "root@example.com"
  return { statusCode: 204 }
})

// With services, a handler gets either; without them, a user.
auth.withAuth(
  (_event, _context, principal) => ({ statusCode: 200, body: principal._tag === "Service" ? principal.clientId : principal.email }),
  {
    services: ["/api"]
  }
)
export const readsEither = (event: ALBEvent): User | Service => auth.getPrincipal(event)
// @ts-expect-error A handler of users alone would get a service.
auth.withAuth((_event, _context, user: User) => ({ statusCode: 200, body: user.email }), { services: ["/api"] })
// @ts-expect-error So it would with scopes, within another guard.
auth.withAuth((_event, _context, user: User) => ({ statusCode: 200, body: user.email }), { require: { scopes: ["orders/read"] } })
// @ts-expect-error And here.
auth.require({ scopes: ["orders/read"] })((_event, _context, user: User) => ({ statusCode: 200, body: user.email }))
// @ts-expect-error getAuthUser never returns a service.
export const neverAService = (event: ALBEvent): Service => auth.getAuthUser(event)
