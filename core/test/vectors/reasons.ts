/** Why we deviate from a `should` or `policy` row on purpose. What is not here has no reason, and says so when it is printed. */

const reasons: ReadonlyArray<readonly [RegExp, string]> = [
  [
    /-exp-boundary$/,
    "A clock tolerance of 5 seconds is the documented default (setting clockTolerance); with 0 seconds the token is refused at exp, as RFC 7519 has it."
  ],
  [
    /^cfg-arn-two-regions$/,
    "Several load balancers are supported, and each signer is bound to the keys of its own region, so one region's key cannot sign for another's."
  ],
  [
    /^email-04[01]$/,
    "List entries are exact: one with white space around it is refused at start-up, by its position, and never trimmed into another name."
  ],
  [/^group-013$/, "Cognito always sends an array: only an array of strings is a set of groups, and a single string is not."],
  [
    /^wp-jwk-07$/,
    "The keys are AWS's own, from configured https endpoints; recognising keys of faulty smart cards (ROCA) is left to the issuer of the keys."
  ]
]

export const reasonFor = (id: string): string | undefined => reasons.find(([pattern]) => pattern.test(id))?.[1]
