/** The style sheet of all pages. Large text, strong focus, nothing that needs a picture. */
export const style = `
:root {
  color-scheme: light dark;
  --ground: #fff; --text: #14171a; --quiet: #4a5157; --line: #b6bdc3; --soft: #f2f4f6;
  --link: #12599c; --action: #0d6b3f; --action-over: #09512f; --on-action: #fff;
  --plain: #e4e8eb; --plain-over: #d2d8dc; --warn: #a3170d; --warn-soft: #fdf1f0; --good: #0d6b3f; --good-soft: #eff8f3;
  --bar: #14171a; --on-bar: #fff; --mark: #f0a500; --focus: #ffd400; --on-focus: #14171a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #15181b; --text: #eef1f3; --quiet: #b3bbc2; --line: #4c545b; --soft: #1f2428;
    --link: #85bdf5; --action: #2a9d66; --action-over: #37b679; --on-action: #06140c;
    --plain: #2d343a; --plain-over: #3a434a; --warn: #ff9b8f; --warn-soft: #2e1a18; --good: #69d29d; --good-soft: #15271e;
    --bar: #060708; --on-bar: #fff;
  }
}
* { box-sizing: border-box }
html { -webkit-text-size-adjust: 100% }
body { margin: 0; background: var(--ground); color: var(--text); font: 1.125rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", "DejaVu Sans", sans-serif }
header { background: var(--bar); color: var(--on-bar); border-bottom: .375rem solid var(--mark) }
header div { padding-block: .75rem }
header strong { font-size: 1.25rem; margin-right: .75rem }
header span { opacity: .85 }
.narrow, .wide { margin-inline: auto; padding-inline: 1.25rem }
.narrow { max-width: 38rem }
.wide { max-width: 72rem }
main { padding-block: 2rem 4rem }
h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 1rem }
h2 { font-size: 1.375rem; line-height: 1.25; margin: 2.5rem 0 .75rem }
h3 { font-size: 1.125rem; margin: 1.5rem 0 .5rem }
p { margin: 0 0 1rem }
a { color: var(--link); text-underline-offset: .15em }
.quiet { color: var(--quiet) }
.small { font-size: 1rem }
code { font-family: ui-monospace, SFMono-Regular, Menlo, "Liberation Mono", "DejaVu Sans Mono", monospace; font-size: .9em; overflow-wrap: anywhere }
pre { background: var(--soft); border-left: .25rem solid var(--line); padding: .75rem 1rem; overflow-x: auto; font-size: .9375rem }
.skip { position: absolute; left: -999rem }
.skip:focus { position: static; display: block; padding: .5rem 1.25rem }
:focus-visible { outline: .1875rem solid var(--on-focus); outline-offset: 0; box-shadow: 0 0 0 .375rem var(--focus) }
a:focus-visible { background: var(--focus); color: var(--on-focus); outline: none; box-shadow: 0 .125rem 0 .125rem var(--on-focus) }
label, legend { display: block; font-weight: 700 }
.hint { color: var(--quiet); margin: 0 0 .375rem; font-size: 1rem }
.field { margin-bottom: 1.25rem }
input[type=text], input[type=email], select { font: inherit; color: inherit; background: var(--ground); border: .125rem solid var(--quiet); border-radius: .25rem; padding: .4375rem .625rem; width: 100%; max-width: 28rem }
.wrong { border-left: .3125rem solid var(--warn); padding-left: .9375rem }
.wrong input { border-color: var(--warn) }
.error { color: var(--warn); font-weight: 700; margin: 0 0 .375rem }
.notice { border: .1875rem solid var(--line); border-radius: .25rem; background: var(--soft); padding: .875rem 1.125rem; margin: 0 0 1.5rem }
.notice > :first-child { margin-top: 0 }
.notice > :last-child { margin-bottom: 0 }
.notice.bad { border-color: var(--warn); background: var(--warn-soft) }
.notice.good { border-color: var(--good); background: var(--good-soft) }
button { font: inherit; font-weight: 700; border: 0; border-radius: .25rem; padding: .5rem 1rem; cursor: pointer; background: var(--plain); color: var(--text) }
button:hover { background: var(--plain-over) }
button.go { background: var(--action); color: var(--on-action) }
button.go:hover { background: var(--action-over) }
.users { list-style: none; margin: 0 0 1rem; padding: 0; display: grid; gap: .625rem }
.users button { display: block; width: 100%; text-align: left; font-weight: 400; padding: .75rem 1rem; background: var(--soft); border: .125rem solid var(--line) }
.users button:hover { border-color: var(--text); background: var(--plain) }
.users strong { display: block }
.users span { color: var(--quiet); font-size: 1rem; overflow-wrap: anywhere }
.or { display: flex; align-items: center; gap: 1rem; color: var(--quiet); margin: 1.75rem 0 1.25rem }
.or::before, .or::after { content: ""; flex: 1; border-top: .0625rem solid var(--line) }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 25rem), 1fr)); gap: 1.5rem }
.card { border: .0625rem solid var(--line); border-radius: .375rem; padding: 1.25rem }
.card > h2 { margin-top: 0 }
.card > :last-child { margin-bottom: 0 }
.row { display: flex; flex-wrap: wrap; gap: .75rem; align-items: end; margin-bottom: 1rem }
.row .grow { flex: 1 1 12rem }
dl { display: grid; align-items: baseline; grid-template-columns: max-content 1fr; gap: .25rem 1.25rem; margin: 0 0 1.25rem }
dt { color: var(--quiet) }
dd { margin: 0; overflow-wrap: anywhere }
.tag { display: inline-block; background: var(--plain); border-radius: .25rem; padding: 0 .5rem; font-size: 1rem; margin: 0 .25rem .25rem 0 }
.tag.good { background: var(--good-soft); color: var(--good); box-shadow: inset 0 0 0 .0625rem var(--good) }
.tag.bad { background: var(--warn-soft); color: var(--warn); box-shadow: inset 0 0 0 .0625rem var(--warn) }
td .row { margin: 0; flex-wrap: nowrap; align-items: center }
td input { min-width: 9rem }
td button { white-space: nowrap }
.scroll { overflow-x: auto; margin-bottom: 1rem; padding: .375rem; margin-inline: -.375rem }
table { border-collapse: collapse; width: 100%; font-size: 1rem }
caption { text-align: left; color: var(--quiet); padding-bottom: .5rem }
th, td { text-align: left; vertical-align: middle; padding: .5rem .75rem .5rem 0; border-bottom: .0625rem solid var(--line) }
th { white-space: nowrap }
td.path { overflow-wrap: anywhere; min-width: 10rem }
@media (forced-colors: active) { :focus-visible { outline: .1875rem solid Highlight } button { border: .0625rem solid ButtonText } }
@media print { form, .skip { display: none } }
`
