/** Configurations, each with one thing in it beside what is right. */
import { type Options, Policy } from "@cognito-auth/core"
import { readSettings } from "@cognito-auth/core/Settings"
import * as Result from "effect/Result"
import { accept, type Judge, reject } from "./Row.ts"

const good: Options = {
  userPoolId: "eu-west-2_AbC123xyz",
  clientId: "client",
  albArn: "arn:aws:elasticloadbalancing:eu-west-2:123456789012:loadbalancer/app/my-alb/50dc6c495c0c9188",
  policy: Policy.anyUser
}

export const judgeConfiguration: Judge = (input) => {
  const faults = variants(input["config"] as Readonly<Record<string, unknown>>).map((options) => {
    const settings = readSettings({ ...good, ...options } as Options, {})
    return Result.isFailure(settings) ? settings.failure.map(({ setting }) => setting).join(", ") : undefined
  })
  return faults.includes(undefined) ? accept("the configuration is taken") : reject(`faults: ${faults.join("; ")}`)
}

/** Every way in which a row's configuration can be written here. It is refused if each of them is. */
const variants = (config: Readonly<Record<string, unknown>>): ReadonlyArray<Readonly<Record<string, unknown>>> => {
  const [[name, given] = ["", undefined], ...more] = Object.entries(config)
  if (more.length > 0) throw new Error("expected one option in a row")
  const value = given === "$Infinity" ? Number.POSITIVE_INFINITY : given === "$NaN" ? Number.NaN : given
  // JSON has no undefined. What pins the issuer is the pool, where no issuer is given.
  if (value === null) return [{ [name]: null }, name === "issuer" ? { issuer: undefined, userPoolId: undefined } : { [name]: undefined }]
  // A number without a unit is not a duration here, so a number of seconds must be refused too.
  if (typeof value === "number") return [{ [name]: value }, { [name]: `${value} seconds` }]
  return [{ [name]: value }]
}
