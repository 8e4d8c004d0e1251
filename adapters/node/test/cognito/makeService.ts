/**
 * A service of a pool: a client of client credentials with scopes of a resource server, both made by Cognito's API, and its tokens.
 *
 * @module
 */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { type Moto, region } from "./startMoto.ts"
import type { UserPool } from "./UserPool.ts"

export interface PoolService {
  readonly clientId: string
  /** The scopes that the pool knows for the client. */
  readonly scopes: ReadonlyArray<string>
  /** A token as client credentials give it, with other claims where they are given. */
  readonly token: (claims?: Readonly<Record<string, unknown>>) => Promise<string>
}

const identifier = "orders"

export const makeService = async ({ call }: Moto, pool: UserPool): Promise<PoolService> => {
  const ask = <Answer>(operation: string, body: object) =>
    call<Answer>(`cognito-idp.${operation}`, { UserPoolId: pool.id, ...body }, region)
  const scopes = ["read", "list"].map((ScopeName) => ({ ScopeName, ScopeDescription: ScopeName }))
  // The server is made by the first of a pool's services.
  await ask("CreateResourceServer", { Identifier: identifier, Name: "Orders", Scopes: scopes }).catch((error: Error) => {
    if (!/already exist/i.test(error.message)) throw error
  })
  const { UserPoolClient: client } = await ask<{ UserPoolClient: { ClientId: string; AllowedOAuthScopes: ReadonlyArray<string> } }>(
    "CreateUserPoolClient",
    {
      ClientName: "machine",
      GenerateSecret: true,
      AllowedOAuthFlows: ["client_credentials"],
      AllowedOAuthFlowsUserPoolClient: true,
      AllowedOAuthScopes: scopes.map(({ ScopeName }) => `${identifier}/${ScopeName}`)
    }
  )
  const { ClientId: clientId, AllowedOAuthScopes } = client
  return {
    clientId,
    scopes: AllowedOAuthScopes,
    token: (claims = {}) => {
      const iat = Math.floor(Date.now() / 1000)
      return sign({
        sub: clientId,
        token_use: "access",
        scope: AllowedOAuthScopes.join(" "),
        auth_time: iat,
        iss: pool.issuer,
        exp: iat + 3600,
        iat,
        version: 2,
        jti: "9d3a4c39-3c5a-4b8c-8b1e-0f6a2f1f4a11",
        client_id: clientId,
        ...claims
      })
    }
  }
}

const sign = async (claims: Readonly<Record<string, unknown>>): Promise<string> => {
  const python = process.env["COGNITO_PYTHON"]
  if (python === undefined) throw new Error("COGNITO_PYTHON does not say where moto is installed: run npm run test:cognito.")
  const child = spawn(python, [join(import.meta.dirname, "signService.py")], {
    env: { PATH: process.env["PATH"], PYTHONDONTWRITEBYTECODE: "1" },
    stdio: ["pipe", "pipe", "inherit"]
  })
  child.stdin.end(JSON.stringify(claims))
  const [token, [code]] = await Promise.all([text(child.stdout), once(child, "close")])
  if (code !== 0) throw new Error(`signService.py ended with ${code}.`)
  return token.trim()
}
