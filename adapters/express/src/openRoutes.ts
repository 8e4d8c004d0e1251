/**
 * Routes that are registered before a guard → a warning that names them: Express runs handlers in the order of registration, so
 * the guard never sees their requests.
 */
import { METHODS } from "node:http"
import type { Route } from "@cognito-auth/core"
import { isBypassed } from "@cognito-auth/core/Bypass"
import { isBelow, mayBeBelow, type Place, placesBelow } from "./Place.ts"
import { protectedApps } from "./protectApp.ts"

/** Guards, and handlers that need none: they are not open by mistake. */
const guards = new WeakSet<object>()
const ownAnswers = new WeakSet<object>()

/** Registers a guard: what is behind it is not open. */
export const asGuard = <A extends object>(guard: A): A => {
  guards.add(guard)
  return guard
}

/** Registers a handler that guards itself, or is open on purpose. */
export const asOwnAnswer = <A extends object>(handler: A): A => {
  ownAnswers.add(handler)
  return handler
}

/** A layer of a router, as far as Express 4 and 5 have it. None of it is documented: everything may be absent. */
interface Layer {
  readonly handle?: unknown
  readonly name?: unknown
  readonly route?: { readonly path?: unknown; readonly stack?: unknown } | undefined
  /** Express 5: whether it is mounted on every path. */
  readonly slash?: unknown
  /** Express 5, from router 2.3 on: the path pattern, or several. */
  readonly rawPath?: unknown
  /** Express 4. */
  readonly regexp?: RegExp & { readonly fast_slash?: boolean }
}

interface Open {
  readonly what: string
  readonly place: Place
}

/** The walk through an app, up to the guard. */
interface Walk {
  readonly guard: object
  readonly open: Array<Open>
  /** Below them there is an earlier guard. */
  readonly covered: Array<Place>
  readonly entered: Set<unknown>
}

/** The warning, or `undefined` if no route comes before the guard. Never throws. */
export const openRoutesWarning = (req: object, guard: object, { bypass }: Route): string | undefined => {
  try {
    const open = openRoutes(req, guard).filter(({ place }) => place.pattern === undefined || !isBypassed(bypass, place.pattern || "/"))
    const names = [...new Set(open.map(({ what, place }) => `${what} ${place.shown || "/"}`))]
    if (names.length === 0) return undefined
    const listed = names.slice(0, 20).join(", ") + (names.length > 20 ? ` and ${names.length - 20} more` : "")
    return `open to everybody, because registered before auth.protect() or auth.require(): ${listed}. Use auth.protectApp(app), which protects them wherever it is called, and name in bypass the paths that are to be open.`
  } catch {
    // Unknown layers in the app's stack must not fail a request.
    return undefined
  }
}

const openRoutes = (req: object, guard: object): ReadonlyArray<Open> => {
  const { app, baseUrl } = req as { readonly app?: App; readonly baseUrl?: string }
  const stack = stackOf(app)
  if (stack === undefined || isProtected(app)) return []
  const mountedOn = String(app?.path?.() ?? "")
  const walk: Walk = { guard, open: [], covered: [], entered: new Set() }
  const base = walkTo(walk, stack, { shown: mountedOn, pattern: mountedOn })
  if (base === undefined) return []
  // If the guard's pattern is not known, it is at least where this request reached it.
  const known = base.pattern === undefined ? { shown: "", pattern: baseUrl } : base
  return walk.open.filter(({ place }) => mayBeBelow(place, known))
}

const isProtected = (app: App | undefined): boolean => app !== undefined && (protectedApps.has(app) || isProtected(app.parent))

interface App {
  /** The app that it is mounted in. */
  readonly parent?: App
  /** What a mounted app is mounted on. */
  readonly path?: () => unknown
  /** Express 4. There, `router` throws. */
  readonly _router?: { readonly stack?: unknown }
  /** Express 5. */
  readonly router?: { readonly stack?: unknown }
}

const stackOf = (app: App | undefined): ReadonlyArray<Layer> | undefined => layersOf(app?._router ?? app?.router)

const layersOf = (router: unknown): ReadonlyArray<Layer> | undefined => {
  const { stack } = (router ?? {}) as { readonly stack?: unknown }
  return Array.isArray(stack) ? stack : undefined
}

/** Records what is open before the guard, and returns the guard's place, if it is in this stack. */
const walkTo = (walk: Walk, stack: ReadonlyArray<Layer>, around: Place): Place | undefined => {
  if (walk.entered.has(stack)) return undefined
  walk.entered.add(stack)
  for (const layer of stack) {
    const { route, handle, name } = layer
    if (route !== undefined) {
      for (const place of placesBelow(around, route.path)) for (const method of openMethods(route)) note(walk, method, place)
      continue
    }
    for (const place of placesBelow(around, patternsOf(layer))) {
      if (handle === walk.guard) return place
      const inner = layersOf(handle)
      if (isIn(guards, handle)) walk.covered.push(place)
      else if (inner !== undefined) {
        const found = walkTo(walk, inner, place)
        if (found !== undefined) return found
      } else if (name === "serveStatic") note(walk, "files below", place)
      else if (name === "mounted_app") note(walk, "the app (unless it has a guard of its own) mounted on", place)
    }
  }
  // A router may be mounted on several paths.
  walk.entered.delete(stack)
  return undefined
}

const note = (walk: Walk, what: string, place: Place): void => {
  if (!walk.covered.some((base) => isBelow(place, base))) walk.open.push({ what, place })
}

/** The methods of a route that no guard precedes. */
const openMethods = ({ stack }: { readonly stack?: unknown }): ReadonlyArray<string> => {
  const handlers: ReadonlyArray<{ readonly method?: unknown; readonly handle?: unknown }> = Array.isArray(stack) ? stack : []
  // A handler without a method is one of all methods.
  const methods = new Set(handlers.map(({ method }) => method))
  const open = [...methods].filter(
    (wanted) =>
      !handlers.some(
        ({ method, handle }) => (method === undefined || method === wanted) && (isIn(guards, handle) || isIn(ownAnswers, handle))
      )
  )
  if (METHODS.every((method) => open.includes(method.toLowerCase()))) return ["ALL"]
  return open.map((method) => (method === undefined ? "ALL" : String(method).toUpperCase()))
}

const isIn = (set: WeakSet<object>, handle: unknown): boolean => typeof handle === "function" && set.has(handle)

/** The path patterns that a layer of `use` is mounted on. */
const patternsOf = ({ slash, rawPath, regexp }: Layer): unknown => {
  if (slash === true || regexp?.fast_slash === true) return ""
  if (rawPath !== undefined) return rawPath
  return regexp === undefined ? undefined : (literalsOf(regexp) ?? regexp)
}

/** Express 4 keeps of `["/a", "/b"]` only `^\/a\/?(?=\/|$)|^\/b\/?(?=\/|$)`. */
const literalsOf = ({ source }: RegExp): ReadonlyArray<string> | undefined => {
  const [last, ...escaped] = source.split("\\/?(?=\\/|$)").reverse()
  const literals = escaped.reverse().map((each) => /^\|?\^((?:\\[/.]|[\w~!@%&=:;,'-])*)$/.exec(each)?.[1]?.replaceAll("\\", ""))
  return last === "" && literals.every((literal) => literal !== undefined) ? literals : undefined
}
