/** An explanation → text for people. */
import { clean, type Paint } from "../terminal.ts"
import type { RequestExplanation, Step } from "./explainRequest.ts"

export const renderExplanation = (explanation: RequestExplanation, which: string, paint: Paint): string => {
  const { steps, failure, at, isMockUser, answer, claims } = explanation
  const lines = [`${which}, checked as of ${at}`, ""]
  if (isMockUser) lines.push("Dev mode is on and there is no token: the mock user is used.", "")
  let stage = ""
  for (const step of steps) {
    if (step.stage !== stage) lines.push(paint.bold(step.stage))
    stage = step.stage
    lines.push(...renderStep(step, paint))
  }
  lines.push("")
  if (failure === undefined) {
    lines.push(paint.good("ADMITTED"))
  } else {
    const outcome = explanation.verdict === "outage" ? "NO DECISION" : "REFUSED"
    const to = answer.location === undefined ? "" : `, the browser is redirected to ${answer.location}`
    lines.push(
      paint.bad(`${outcome}: ${failure.error} (${failure.status}${to})`),
      `  What: ${failure.title}.`,
      `  Why: ${clean(failure.message)}`,
      `  What to do: ${failure.remedy}`
    )
  }
  if (claims !== undefined) {
    lines.push("")
    for (const [name, token] of Object.entries(claims)) {
      for (const [part, value] of Object.entries(token)) {
        lines.push(paint.bold(`${name} token: ${part}`), ...pretty(value))
      }
    }
    const isVerified = steps.every(({ id, status }) => !id.endsWith(".signature") || status === "passed")
    if (!isVerified) lines.push(paint.warn("The signatures have not been verified: these claims may be forged."))
  }
  return `${lines.join("\n")}\n`
}

const renderStep = ({ status, title, expected, actual }: Step, paint: Paint): ReadonlyArray<string> => {
  const name = clean(title).padEnd(31)
  if (status === "failed") {
    return [
      `  ${paint.bad("FAILED")}  ${name.trimEnd()}`,
      `            expected  ${clean(expected)}`,
      `            actual    ${paint.bad(clean(actual))}`
    ]
  }
  return status === "passed"
    ? [`  ${paint.good("ok")}      ${name}  ${clean(actual)}`.trimEnd()]
    : [paint.dim(`  -       ${name}  not checked${actual === "" ? "" : `: ${clean(actual)}`}`)]
}

const pretty = (value: unknown): ReadonlyArray<string> =>
  value === undefined
    ? ["  (cannot be read)"]
    : JSON.stringify(value, undefined, 2)
        .split("\n")
        .map((line) => `  ${clean(line)}`)
