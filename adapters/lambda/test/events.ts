/** Events as a load balancer would send them. */
import type { ALBEvent, Context } from "@cognito-auth/lambda"
import type { Form } from "./loadBalancer.ts"

export interface Asked {
  readonly form?: Form
  readonly method?: string
  readonly path?: string
  /** A list stands for as many lines, which only multi-value headers can hold. */
  readonly headers?: Readonly<Record<string, string | ReadonlyArray<string>>>
  readonly body?: string
}

export const eventOf = ({ form = "single", method = "GET", path = "/", headers = {}, body = "" }: Asked = {}): ALBEvent => ({
  requestContext: { elb: { targetGroupArn: "arn:aws:elasticloadbalancing:eu-west-2:123456789012:targetgroup/app/0123456789abcdef" } },
  httpMethod: method,
  path,
  ...(form === "multi"
    ? { multiValueHeaders: mapValues(headers, (value) => [value].flat()), multiValueQueryStringParameters: {} }
    : { headers: mapValues(headers, (value) => [value].flat().join(", ")), queryStringParameters: {} }),
  body,
  isBase64Encoded: false
})

/** Handlers of these tests ask nothing of it. */
export const context = { functionName: "app", awsRequestId: "1" } as Context

const mapValues = <A, B>(record: Readonly<Record<string, A>>, f: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, f(value)]))
