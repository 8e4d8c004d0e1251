/** AWS naming rules: ARNs, regions, user pools, and the default URLs of keys. */

const region = "(?:us-gov|[a-z]{2})-[a-z]+-\\d{1,2}"
const albArn = new RegExp(
  `^arn:(aws|aws-us-gov|aws-cn):elasticloadbalancing:(${region}):\\d{12}:loadbalancer/app/[A-Za-z0-9-]{1,32}/[A-Za-z0-9]+$`
)
const poolId = new RegExp(`^(${region})_[A-Za-z0-9]+$`)

export interface Alb {
  readonly partition: string
  readonly region: string
}

/** Parses the ARN of an application load balancer (AWS ELB guide, resource ARNs). The region must belong to the partition. */
export const parseAlbArn = (arn: string): Alb | undefined => {
  const match = albArn.exec(arn)
  if (match === null) return undefined
  const [, partition = "", region = ""] = match
  return partition === partitionOf(region) ? { partition, region } : undefined
}

const partitionOf = (region: string): string => (region.startsWith("us-gov-") ? "aws-us-gov" : region.startsWith("cn-") ? "aws-cn" : "aws")

/** The region in a user pool's id. `undefined`: not the id of an AWS user pool. */
export const poolRegion = (pool: string): string | undefined => poolId.exec(pool)?.[1]

/** The `iss` of a pool's tokens (Cognito guide, "Verifying a JSON web token"). */
export const defaultIssuer = (region: string, pool: string): string =>
  `https://cognito-idp.${region}.${region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com"}/${pool}`

/** The base URL of the ALB's keys (AWS ELB guide, "Authenticate users"); none is documented for China. */
export const defaultAlbKeysUrl = (partition: string, region: string): string | undefined => {
  if (partition === "aws") return `https://public-keys.auth.elb.${region}.amazonaws.com`
  if (partition === "aws-us-gov") return `https://s3-${region}.amazonaws.com/aws-elb-public-keys-prod-${region}`
  return undefined
}
