/** The sign-in page: pick a user, or type one. */
import { html } from "../html/html.ts"
import { page } from "../html/page.ts"
import type { LocalUser } from "../Users.ts"
import type { Typed, TypedErrors } from "./typedUser.ts"

export interface SignInForm {
  /** The forms' action, with this sign-in's query. */
  readonly action: string
  readonly users: ReadonlyArray<LocalUser>
  readonly typed: Typed
  readonly errors: TypedErrors
}

const place = "stands in for Amazon Cognito on this machine"

export const signInPage = ({ action, users, typed, errors }: SignInForm): string => {
  const faults = Object.entries(errors)
  return page({
    title: `${faults.length > 0 ? "Error: " : ""}Sign in`,
    place,
    main: html`
${
  faults.length > 0 &&
  html`<div class="notice bad" role="alert" aria-labelledby="problem"><h2 id="problem">There is a problem</h2>
${faults.map(([field, problem]) => html`<p><a href="#${field}">${problem}</a></p>`)}</div>`
}
<h1>Sign in</h1>
<p>There is no password here. Choose who you want to be.</p>
${
  users.length > 0 &&
  html`<form method="post" action="${action}">
<ul class="users" aria-label="Users">${users.map(userButton)}</ul>
</form>
<p class="or">or sign in as another user</p>`
}
<form method="post" action="${action}" novalidate>
${field({ id: "email", type: "email", label: "E-mail address", hint: undefined, value: typed.email, error: errors.email, autocomplete: "email" })}
${field({ id: "name", type: "text", label: "Name (optional)", hint: undefined, value: typed.name, error: errors.name, autocomplete: "name" })}
${field({ id: "groups", type: "text", label: "Groups (optional)", hint: "Separate several with commas: admins, staff", value: typed.groups, error: errors.groups, autocomplete: "off" })}
<button class="go">Sign in</button>
</form>`
  })
}

const userButton = ({ email, name, groups = [] }: LocalUser) =>
  html`<li><button name="user" value="${email}"><strong>${name ?? email}</strong>
<span>${email} · ${groups.length === 0 ? "no groups" : groups.join(", ")}</span></button></li>`

interface Field {
  readonly id: keyof Typed
  readonly type: "email" | "text"
  readonly label: string
  readonly hint: string | undefined
  readonly value: string
  readonly error: string | undefined
  readonly autocomplete: string
}

const field = ({ id, type, label, hint, value, error, autocomplete }: Field) => {
  const described = [hint !== undefined && `${id}-hint`, error !== undefined && `${id}-error`].filter((each) => each !== false).join(" ")
  return html`<div class="field${error !== undefined && " wrong"}">
<label for="${id}">${label}</label>
${hint !== undefined && html`<p class="hint" id="${id}-hint">${hint}</p>`}
${error !== undefined && html`<p class="error" id="${id}-error">${error}</p>`}
<input id="${id}" name="${id}" type="${type}" value="${value}" autocomplete="${autocomplete}" spellcheck="false"${
    described !== "" && html` aria-describedby="${described}"`
  }${error !== undefined && html` aria-invalid="true"`}>
</div>`
}

/** A page that says why the user pool refuses. */
export const refusalPage = (title: string, problem: string): string =>
  page({ title, place, main: html`<h1>${title}</h1><p>${problem}</p>` })
