/** The control page: who is signed in, the keys, and the last requests. Every change is a form. */

import type { LocalSession } from "../alb/Sessions.ts"
import { type Html, html } from "../html/html.ts"
import { page } from "../html/page.ts"
import type { RecentRequest } from "../RequestLog.ts"
import type { LocalUser } from "../Users.ts"

export interface ControlView {
  readonly target: string
  /** This browser's session. */
  readonly session: LocalSession | undefined
  readonly others: ReadonlyArray<LocalSession>
  readonly users: ReadonlyArray<LocalUser>
  readonly keys: { readonly isDown: boolean; readonly albKid: string; readonly cognitoKid: string; readonly published: number }
  readonly requests: ReadonlyArray<RecentRequest>
  readonly env: Readonly<Record<string, string>>
  readonly now: number
  /** The result of the last action, and the error in it. */
  readonly done: string | undefined
  readonly problem: string | undefined
}

export const controlPath = "/_local-alb"

export const controlPage = (view: ControlView): string =>
  page({
    title: "Local ALB: control page",
    place: `in front of ${view.target}`,
    wide: true,
    main: html`
<h1>Control page</h1>
${view.done !== undefined && html`<div class="notice good" role="status"><p>${view.done}</p></div>`}
${view.problem !== undefined && html`<div class="notice bad" role="alert"><p>${view.problem}</p></div>`}
<div class="columns">
${sessionCard(view)}
${keysCard(view)}
${othersCard(view)}
</div>
${userTable(view)}
${requestTable(view)}
<h2>Settings of the app</h2>
<pre tabindex="0" aria-label="Environment variables"><code>${Object.entries(view.env)
      .map(([name, value]) => `${name}=${value}`)
      .join("\n")}</code></pre>`
  })

/** A form with one button. */
const action = (path: string, label: string, fields: Readonly<Record<string, string>> = {}, look = ""): Html =>
  html`<form method="post" action="${controlPath}/${path}">${Object.entries(fields).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`
  )}<button class="${look}">${label}</button></form>`

const groupTags = (groups: ReadonlyArray<string> = []): Html =>
  groups.length === 0 ? html`<span class="quiet">none</span>` : html`${groups.map((group) => html`<span class="tag">${group}</span>`)}`

const sessionCard = ({ session, now }: ControlView): Html => {
  if (session === undefined) {
    return html`<section class="card"><h2>This browser</h2>
<p>Nobody is signed in in this browser.</p>
<p><a href="/">Open the app</a></p></section>`
  }
  const { id, user, hasExpiredTokens } = session
  return html`<section class="card"><h2>This browser</h2>
<dl>
<dt>Signed in</dt><dd><strong>${user.name ?? user.email}</strong><br>${user.email}</dd>
<dt>Groups</dt><dd>${groupTags(user.groups)}</dd>
<dt>Session</dt><dd>ends ${fromNow(session.expiresAt, now)}</dd>
<dt>Tokens</dt><dd>${hasExpiredTokens ? html`<span class="tag bad">expired, until renewed</span>` : `access token expires ${fromNow(session.accessExpiresAt, now)}`}</dd>
</dl>
<div class="row">
${hasExpiredTokens ? action("renew-tokens", "Renew the tokens", { id }) : action("expire-tokens", "Expire the tokens", { id })}
${action("expire-session", "End the session", { id })}
</div>
<p><a href="/">Open the app</a></p></section>`
}

const userTable = ({ users, session }: ControlView): Html =>
  html`<h2 id="users">Users</h2>
<div class="scroll" tabindex="0" role="region" aria-labelledby="users"><table>
<caption>New groups are in the tokens from the next request on. Separate several with commas.</caption>
<thead><tr><th scope="col">User</th><th scope="col">Groups</th><th scope="col">This browser</th></tr></thead>
<tbody>${users.map(
    ({ email, name, groups = [] }) => html`<tr>
<td>${name !== undefined && html`<strong>${name}</strong><br>`}${email}</td>
<td><form class="row" method="post" action="${controlPath}/groups"><input type="hidden" name="email" value="${email}">
<input class="grow" name="groups" type="text" autocomplete="off" spellcheck="false" aria-label="Groups of ${email}" value="${groups.join(", ")}">
<button aria-label="Save the groups of ${email}">Save</button></form></td>
<td>${
      email === session?.user.email
        ? html`<span class="tag good">signed in</span>`
        : html`<form method="post" action="${controlPath}/switch"><input type="hidden" name="email" value="${email}">
<button class="go" aria-label="Switch to ${email}">Switch to</button></form>`
    }</td></tr>`
  )}</tbody></table></div>`

const keysCard = ({ keys }: ControlView): Html =>
  html`<section class="card"><h2>Keys</h2>
<dl>
<dt>Key host</dt><dd>${keys.isDown ? html`<span class="tag bad">down</span>` : html`<span class="tag good">up</span>`}</dd>
<dt>Load balancer</dt><dd><code>${keys.albKid}</code></dd>
<dt>User pool</dt><dd><code>${keys.cognitoKid}</code></dd>
<dt>Published</dt><dd>${keys.published} keys</dd>
</dl>
<div class="row">
${action("rotate-keys", "Rotate the keys")}
${keys.isDown ? action("key-host-up", "Bring the key host up") : action("key-host-down", "Take the key host down")}
</div></section>`

const othersCard = ({ others, now }: ControlView): Html =>
  html`${
    others.length > 0 &&
    html`<section class="card"><h2>Other sessions</h2><div class="scroll"><table>
<thead><tr><th scope="col">User</th><th scope="col">Since</th><th scope="col">End</th></tr></thead>
<tbody>${others.map(
      ({ id, user, startedAt }) =>
        html`<tr><td>${user.email}</td><td>${fromNow(startedAt, now)}</td><td>${action("expire-session", "End", { id })}</td></tr>`
    )}</tbody></table></div></section>`
  }`

const requestTable = ({ requests, now }: ControlView): Html =>
  html`<h2 id="requests">Last requests</h2>
${
  requests.length === 0
    ? html`<p class="quiet">None yet.</p>`
    : html`<div class="scroll" tabindex="0" role="region" aria-labelledby="requests"><table>
<caption>The newest first, 50 at most. The reason is the app's own, as its answer names it.</caption>
<thead><tr><th scope="col">When</th><th scope="col">Request</th><th scope="col">User</th><th scope="col">Answer</th><th scope="col">By</th><th scope="col">Reason</th></tr></thead>
<tbody>${requests.map(
        ({ at, method, path, user, status, by, reason }) =>
          html`<tr><td>${fromNow(at, now)}</td><td class="path"><code>${method} ${path}</code></td><td>${
            user ?? html`<span class="quiet">nobody</span>`
          }</td><td>${status === undefined ? "none" : html`<span class="tag ${lookOf(status)}">${status}</span>`}</td><td>${by}</td><td class="path">${reason}</td></tr>`
      )}</tbody></table></div>`
}
<p><a href="${controlPath}">Refresh this page</a></p>`

const lookOf = (status: number): string => (status < 300 ? "good" : status < 400 ? "" : "bad")

/** `in 5 min`, `12 s ago`. */
const fromNow = (at: number, now: number): string => {
  const seconds = Math.round(Math.abs(at - now) / 1000)
  const [name, length] = units.findLast(([, length]) => seconds >= length * 2) ?? ["s", 1]
  if (seconds < 2) return "just now"
  const text = `${Math.round(seconds / length)} ${name}`
  return at > now ? `in ${text}` : `${text} ago`
}

const units: ReadonlyArray<readonly [name: string, seconds: number]> = [
  ["s", 1],
  ["min", 60],
  ["h", 3_600],
  ["days", 86_400]
]
