/** A new user's Lambda function, without @types/aws-lambda. It invokes itself, and prints the results. */
import { type ALBEvent, type Context, cognitoAuth } from "@cognito-auth/lambda"
import { makeForge } from "@cognito-auth/testing"

const forge = await makeForge()
const auth = cognitoAuth({ ...forge.settings().options, keySource: forge.keySource(), logger: false })

const handler = auth.withAuth(async (event, context, user) => ({
  statusCode: 200,
  headers: { "content-type": "text/plain", "x-request": context.awsRequestId },
  body: `Hello ${user.email} at ${event.path}`
}))

const invoke = (headers: Record<string, string>) => {
  const event: ALBEvent = {
    requestContext: { elb: { targetGroupArn: "arn:aws:elasticloadbalancing:eu-west-2:123456789012:targetgroup/app/0123456789abcdef" } },
    httpMethod: "GET",
    path: "/",
    headers,
    body: null,
    isBase64Encoded: false
  }
  return handler(event, { awsRequestId: "1" } as Context)
}
console.log((await invoke(await forge.headers({ email: "ada@example.com" }))).body, (await invoke({})).statusCode)

// Never called: misuse does not compile. If the types of events were any, these lines would be errors.
export const misuse = async (event: ALBEvent): Promise<void> => {
  // @ts-expect-error An event has no such field.
  auth.withAuth((event) => ({ statusCode: 200, body: event.rawPath }))
  // @ts-expect-error Nor has the context.
  auth.withAuth((_event, context) => ({ statusCode: 200, body: context.requestId }))
  // @ts-expect-error A handler returns a result.
  auth.withAuth(() => "hello")
  // @ts-expect-error A result has a status.
  auth.withAuth(() => ({ body: "hello" }))
  // @ts-expect-error A status is a number.
  auth.withAuth(() => ({ statusCode: "200" }))
  // @ts-expect-error Single-value headers are no lists.
  auth.withAuth(() => ({ statusCode: 200, headers: { "set-cookie": ["a", "b"] } }))
  // @ts-expect-error A string is no event.
  auth.getAuthUser("event")
  // @ts-expect-error A promise of a user is no user.
  auth.authenticate(event).email
}
