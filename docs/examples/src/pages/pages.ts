/** What the example shows in a browser: the same pages on every framework. */
import type { Refusal, User } from "@cognito-auth/core"
import { html } from "./html.ts"
import { layout } from "./layout.ts"

/** `canSignOut`: whether the app has a `/sign-out`, which needs to know the user pool's domain. */
export const makePages = ({ canSignOut }: { readonly canSignOut: boolean }) => ({
  home: (user: User): string =>
    layout({
      title: `Hello ${nameOf(user)}`,
      isSignedIn: true,
      canSignOut,
      main: html`<p>The load balancer has signed you in, and this app has verified both of its tokens. It knows of you:</p>
<dl>
<dt>E-mail</dt><dd>${user.email || "none"}</dd>
<dt>Groups</dt><dd>${user.groups.length === 0 ? "none" : user.groups.map((group) => html`<span class="group">${group}</span>`)}</dd>
<dt>User id</dt><dd><code>${user.sub}</code></dd>
<dt>Token expires</dt><dd><time datetime="${user.expiresAt.toISOString()}">${user.expiresAt.toISOString().slice(11, 16)} UTC</time></dd>
</dl>
<p><a href="/admin">The administrators’ page</a> is for members of <span class="group">admins</span> alone.
<a href="/me">The same as JSON</a> is for programs.</p>`
    }),

  admin: (user: User): string =>
    layout({
      title: "Administration",
      isSignedIn: true,
      canSignOut,
      main: html`<p>Hello administrator ${nameOf(user)}. Only members of <span class="group">admins</span> see this page.</p>`
    }),

  /** Where Cognito sends the browser after signing out: for everybody. */
  signedOut: (): string =>
    layout({
      title: "You are signed out",
      main: html`<p>The load balancer’s session and the user pool’s have ended.</p><p><a class="button" href="/">Sign in again</a></p>`
    }),

  notFound: (): string => layout({ title: "Page not found", main: html`<p><a href="/">Go to the start page</a></p>` }),

  /** For the option `refusalPage`: replaces the built-in page by one in the style of the others. */
  refusal: ({ status, error, mayReload }: Refusal): string =>
    layout({
      title: refusals[status].title,
      isSignedIn: status === 403,
      canSignOut,
      main: html`<p>${refusals[status].explanation}</p>
${mayReload && html`<p><a class="button" href="">${status === 503 ? "Try again" : "Sign in again"}</a></p>`}
<p>If you ask for help, quote this: <code>${String(status)} ${error}</code></p>`
    })
})

export type Pages = ReturnType<typeof makePages>

const nameOf = (user: User): string => user.name || user.email || user.sub

const refusals: Readonly<Record<Refusal["status"], { readonly title: string; readonly explanation: string }>> = {
  400: { title: "The address is not valid", explanation: "Check the address, or go back and follow the link again." },
  401: { title: "You are not signed in", explanation: "Your sign-in is missing, has expired, or is not for this app." },
  403: {
    title: "You do not have access to this page",
    explanation: "You are signed in, but not allowed to see this page. Sign out to sign in as another user."
  },
  414: { title: "The address is too long", explanation: "Check the address, or go back and follow the link again." },
  503: {
    title: "Your sign-in cannot be checked at the moment",
    explanation: "This is a fault of the app, not of yours, and you are still signed in. Try again in a few seconds."
  }
}
