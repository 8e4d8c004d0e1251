/**
 * The event and the result of a Lambda target of an Application Load Balancer: AWS ELB guide, "Use Lambda functions as
 * targets". Declared here, so that these types are there without `@types/aws-lambda`; with it, either package's serve.
 */

/** A request. Its headers and query are in the target group's form. */
export interface ALBEvent {
  requestContext: { elb: { targetGroupArn: string } }
  httpMethod: string
  path: string
  /** As sent: not decoded. */
  queryStringParameters?: { [name: string]: string | undefined } | undefined
  headers?: { [name: string]: string | undefined } | undefined
  /** As sent: not decoded. */
  multiValueQueryStringParameters?: { [name: string]: Array<string> | undefined } | undefined
  multiValueHeaders?: { [name: string]: Array<string> | undefined } | undefined
  body: string | null
  isBase64Encoded: boolean
}

type FieldValue = boolean | number | string

/** A response. */
export interface ALBResult {
  statusCode: number
  /** With the status: `"200 OK"`. */
  statusDescription?: string | undefined
  headers?: { [name: string]: FieldValue } | undefined
  multiValueHeaders?: { [name: string]: Array<FieldValue> } | undefined
  body?: string | undefined
  isBase64Encoded?: boolean | undefined
}

/** The invocation (AWS Lambda guide, "Using the Lambda context object to retrieve Node.js function information"). */
export interface Context {
  readonly functionName: string
  readonly functionVersion: string
  readonly invokedFunctionArn: string
  readonly memoryLimitInMB: string
  readonly awsRequestId: string
  readonly logGroupName: string
  readonly logStreamName: string
  callbackWaitsForEmptyEventLoop: boolean
  readonly getRemainingTimeInMillis: () => number
}
