/** The walk-through's requests for a terminal: `npm start -- --curl`. */
import type { LocalAlb } from "@cognito-auth/testing/local-alb"
import { ada, grace } from "../walkThrough.ts"

/** Commands that can be pasted into a shell; their sign-ins are good for an hour. */
export const curlCommands = async (alb: LocalAlb, appUrl: string): Promise<string> => {
  const forge = alb.forge.with({ albLifetime: "1 hour" })
  return [
    "Through the load balancer:",
    curl(`${alb.url}/me`, { cookie: await alb.signIn(ada) }),
    curl(`${alb.url}/admin`, { cookie: await alb.signIn(grace) }),
    "Directly to the app:",
    curl(`${appUrl}/me`, await forge.headers(ada)),
    curl(`${appUrl}/me`, {}),
    curl(`${appUrl}/health`, {})
  ].join("\n\n")
}

const curl = (url: string, headers: Readonly<Record<string, string>>): string =>
  [`curl -i ${url}`, ...Object.entries(headers).map(([field, value]) => `  -H '${field}: ${value}'`)].join(" \\\n")
