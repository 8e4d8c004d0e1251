/**
 * nginx, Caddy and HAProxy, as a careful operator configures them: upgrades and streams pass, and header sections may be as large as a load
 * balancer's.
 *
 * @module
 */
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { ReferenceProxy } from "../Case.ts"
import { limitSeconds, type Place, type Subject } from "./Subject.ts"
import { startProcess } from "./startProcess.ts"

const referenceProxy = (
  name: ReferenceProxy,
  config: { readonly file: string; readonly text: (place: Place) => string },
  args: (file: string) => ReadonlyArray<string>,
  shutdownSignal: NodeJS.Signals
): Subject => ({
  name,
  auth: "",
  start: async (place) => {
    const file = join(place.folder, config.file)
    await writeFile(file, config.text(place))
    return startProcess(name, args(file), place, shutdownSignal)
  }
})

/** nginx.org/en/docs/http/websocket.html: upgrades; ngx_http_upstream_module, `keepalive`: kept connections. */
const nginxConfig = ({ address, routes, folder }: Place): string => `
daemon off;
worker_processes 1;
${process.getuid?.() === 0 ? "user root;" : ""}
pid ${folder}/nginx.pid;
error_log stderr error;
events { worker_connections 4096; }
http {
  access_log off;
  server_tokens off;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
  large_client_header_buffers 4 64k;
  proxy_buffer_size 64k; proxy_buffers 8 64k; proxy_busy_buffers_size 128k;
  client_max_body_size 0;
  map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
  proxy_http_version 1.1;
  proxy_set_header Host $http_host;
  proxy_set_header Connection $connection_upgrade;
  proxy_set_header Upgrade $http_upgrade;
  proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
  proxy_set_header X-Forwarded-Proto $scheme;
  proxy_set_header X-Forwarded-Host $http_host;
  proxy_pass_header Date;
  proxy_pass_header Server;
  proxy_buffering off;
  proxy_request_buffering off;
${routes
  .map(({ port, upstreamPort, profile }) => {
    const seconds = `${limitSeconds[profile]}s`
    return `
  upstream up${port} { server ${address}:${upstreamPort} max_fails=0; keepalive 4; }
  server {
    listen ${address}:${port};
    client_header_timeout ${seconds}; client_body_timeout ${seconds}; send_timeout ${seconds};
    proxy_connect_timeout ${seconds}; proxy_read_timeout ${seconds}; proxy_send_timeout ${seconds};
    location / { proxy_pass http://up${port}; }
  }`
  })
  .join("")}
}
`

const haproxyConfig = ({ address, routes }: Place): string => `
global
  nbthread 1
  maxconn 4096
  tune.bufsize 131072
  tune.http.maxhdr 256
defaults
  mode http
  option http-keep-alive
  option forwardfor
  option abortonclose
  http-reuse always
  retries 1
  retry-on conn-failure empty-response
${routes
  .map(({ port, upstreamPort, profile }) => {
    const seconds = `${limitSeconds[profile]}s`
    return `
listen at${port}
  bind ${address}:${port}
  timeout http-request ${seconds}
  timeout client ${seconds}
  timeout connect ${seconds}
  timeout server ${seconds}
  timeout tunnel 30s
  http-request set-header X-Forwarded-Proto http
  http-request set-header X-Forwarded-Host %[req.hdr(Host)]
  # It sends a request again only if that is safe: without this line also a POST.
  http-request disable-l7-retry unless METH_GET
  server up ${address}:${upstreamPort} pool-purge-delay 30s
`
  })
  .join("")}`

const caddyConfig = ({ address, routes }: Place): string => {
  const server = ({ port, upstreamPort, profile }: Place["routes"][number]) => {
    const seconds = `${limitSeconds[profile]}s`
    const proxy = {
      handler: "reverse_proxy",
      // A stream must not wait for its next piece. (-1 would, in this version, keep asking the upstream for a client that has left.)
      flush_interval: "1ms",
      upstreams: [{ dial: `${address}:${upstreamPort}` }],
      transport: {
        protocol: "http",
        versions: ["1.1"],
        dial_timeout: seconds,
        response_header_timeout: seconds,
        read_timeout: seconds,
        write_timeout: seconds
      }
    }
    return {
      listen: [`${address}:${port}`],
      read_timeout: seconds,
      read_header_timeout: seconds,
      max_header_bytes: 65_536,
      automatic_https: { disable: true },
      protocols: ["h1"],
      routes: [{ handle: [proxy] }]
    }
  }
  return JSON.stringify({
    admin: { disabled: true, config: { persist: false } },
    logging: { logs: { default: { level: "PANIC" } } },
    apps: { http: { grace_period: "30s", servers: Object.fromEntries(routes.map((route) => [`at${route.port}`, server(route)])) } }
  })
}

export const nginx = referenceProxy("nginx", { file: "nginx.conf", text: nginxConfig }, (file) => ["-c", file], "SIGQUIT")
export const haproxy = referenceProxy("haproxy", { file: "haproxy.cfg", text: haproxyConfig }, (file) => ["-db", "-f", file], "SIGUSR1")
export const caddy = referenceProxy("caddy", { file: "caddy.json", text: caddyConfig }, (file) => ["run", "--config", file], "SIGTERM")
