/** What others use, each at its best on loopback, with its configuration in a folder that is removed at the end. */
import { spawn, spawnSync } from "node:child_process"
import { randomBytes } from "node:crypto"
import { once } from "node:events"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createServer as createHttpServer } from "node:http"
import { type AddressInfo, connect, createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { exportJWK, generateKeyPair, SignJWT } from "jose"
import { paths } from "./answers.ts"
import { atTheEnd, keep, type ProxyServer } from "./servers.ts"

/** A directory that is removed at the end. */
const makeFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "bench-gateway-"))
  atTheEnd(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as AddressInfo
  await once(server.close(), "close")
  return port
}

/** A program that is not ours. Resolves when it accepts a connection. */
const startOther = async (
  command: string,
  args: ReadonlyArray<string>,
  port: number,
  env: NodeJS.ProcessEnv = {}
): Promise<ProxyServer> => {
  const child = keep(spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env } }))
  let printed = ""
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      printed = (printed + text).slice(-4_000)
    })
  }
  const until = Date.now() + 20_000
  while (!(await accepts(port))) {
    if (child.exitCode !== null || Date.now() > until) throw new Error(`${command} does not start:\n${printed}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return { pid: child.pid ?? 0, port }
}

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1")
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false))
    socket.once("connect", () => socket.destroy())
  })

/** nginx with one worker, as a plain proxy, or one that asks a service that always says 204. */
export const startNginx = async (kind: "plain" | "auth_request", upstream: string): Promise<ProxyServer> => {
  const folder = makeFolder()
  const port = await freePort()
  const auth = kind === "auth_request" ? "auth_request /auth;" : ""
  const isRoot = process.getuid?.() === 0
  writeFileSync(
    join(folder, "nginx.conf"),
    `${isRoot ? "user root;" : ""}
daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log stderr error;
events { worker_connections 1024; }
http {
  access_log off;
  keepalive_requests 1000000000;
  large_client_header_buffers 4 16k;
  ${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${folder}/${name};`).join(" ")}
  upstream app {
    server ${new URL(upstream).host};
    keepalive 64;
    keepalive_requests 1000000000;
  }
  server {
    listen 127.0.0.1:${port};
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_set_header Host $host;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_max_temp_file_size 0;
    location / { ${auth} proxy_pass http://app; }
    location ${paths.events} { ${auth} proxy_buffering off; proxy_pass http://app; }
    location = /auth { internal; proxy_pass_request_body off; proxy_set_header Content-Length ""; proxy_pass http://app; }
  }
}
`
  )
  return startOther("nginx", ["-p", folder, "-c", join(folder, "nginx.conf"), "-e", "stderr"], port)
}

/** Caddy as a plain proxy. */
export const startCaddy = async (upstream: string): Promise<ProxyServer> => {
  const folder = makeFolder()
  const port = await freePort()
  const file = join(folder, "Caddyfile")
  writeFileSync(
    file,
    `{
  admin off
  auto_https off
  log {
    level ERROR
  }
}
http://:${port} {
  bind 127.0.0.1
  reverse_proxy ${new URL(upstream).host}
}
`
  )
  mkdirSync(join(folder, "home"))
  const env = { HOME: join(folder, "home"), XDG_DATA_HOME: join(folder, "home"), XDG_CONFIG_HOME: join(folder, "home") }
  return startOther("caddy", ["run", "--config", file, "--adapter", "caddyfile"], port, env)
}

/** oauth2-proxy, which verifies a bearer token of an issuer that we are. */
export const startOauth2Proxy = async (command: string, upstream: string): Promise<ProxyServer> => {
  const { publicKey, privateKey } = await generateKeyPair("RS256")
  const jwks = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: "bench", alg: "RS256", use: "sig" }] })
  const keys = createHttpServer((_req, res) => res.writeHead(200, { "content-type": "application/json" }).end(jwks))
  await once(keys.listen(0, "127.0.0.1"), "listening")
  atTheEnd(() => void keys.close().closeAllConnections())
  const issuer = `http://127.0.0.1:${(keys.address() as AddressInfo).port}`
  const email = "ada@example.com"
  const token = await new SignJWT({ email, email_verified: true, groups: ["staff", "developers"] })
    .setProtectedHeader({ alg: "RS256", kid: "bench" })
    .setIssuer(issuer)
    .setAudience("bench")
    .setSubject("ada")
    .setIssuedAt()
    .setExpirationTime("12 hours")
    .sign(privateKey)
  const port = await freePort()
  const args = [
    `--http-address=127.0.0.1:${port}`,
    `--upstream=${upstream}/`,
    "--provider=oidc",
    "--skip-oidc-discovery",
    `--oidc-issuer-url=${issuer}`,
    `--oidc-jwks-url=${issuer}/jwks`,
    `--login-url=${issuer}/login`,
    `--redeem-url=${issuer}/token`,
    "--client-id=bench",
    "--client-secret=none",
    `--cookie-secret=${randomBytes(16).toString("hex")}`,
    "--cookie-secure=false",
    "--email-domain=*",
    "--skip-jwt-bearer-tokens",
    "--request-logging=false",
    "--auth-logging=false",
    "--standard-logging=false"
  ]
  return { ...(await startOther(command, args, port)), headers: { Authorization: `Bearer ${token}` }, knows: email }
}

/** A program's name and version, as far as it says one; `undefined` where there is no such program. */
export const versionOf = (name: string, command: string, flag: string): string | undefined => {
  const { status, stdout, stderr } = spawnSync(command, [flag], { encoding: "utf8" })
  if (status !== 0) return undefined
  const [version = ""] = /(?<!go[\d.]*)\d+\.\d+\.\d+/.exec(`${stdout}${stderr}`) ?? []
  return `${name} ${version}`.trim()
}
