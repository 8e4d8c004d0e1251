/**
 * Paths on which services may ask, each with all below it. Nowhere else is `Authorization` looked at.
 *
 * Only a path in its plain form lies below another: `/apis`, `/API`, `/%61pi`, `//api` and `/api/../x` are not below `/api`, however
 * a router behind may read them.
 *
 * @module
 */
import * as Result from "effect/Result"
import { type Fault, Faults } from "../errors/ConfigurationError.ts"
import { isPlainPath, pathOf } from "./Bypass.ts"

/** A compiled list: each prefix with a slash at its end, so that it ends with a whole segment. */
export type ServicePaths = ReadonlyArray<string>

/** Validates a list of paths, and compiles it: `/api` and `/api/` stand for the same, `/` for every plain path. */
export const readServicePaths = (paths: unknown): Result.Result<ServicePaths, ReadonlyArray<Fault>> => {
  if (paths === undefined) return Result.succeed([])
  const list: unknown = paths instanceof Set ? [...paths] : paths
  if (!Array.isArray(list)) return Result.fail([{ setting: "services", problem: 'expected a list of paths, such as ["/api"].' }])
  const faults = new Faults()
  for (const path of list) {
    if (isPlainPath(path)) continue
    faults.add(
      "services",
      `${JSON.stringify(path)} is not a plain path: expected one such as "/api", which stands for all below it, without a query, an encoding, a pattern or a dot segment.`
    )
  }
  return faults.isEmpty ? Result.succeed(list.map(withSlash)) : Result.fail(faults.all)
}

/** Whether the target's path is below one on the list, and the path that a router will act on is too. The query does not count. */
export const isServicePath = (paths: ServicePaths, target: string, routedTarget: string = target): boolean =>
  paths.length > 0 && isBelow(paths, pathOf(target)) && (routedTarget === target || isBelow(paths, pathOf(routedTarget)))

const isBelow = (paths: ServicePaths, path: string): boolean => {
  if (!isPlainPath(path)) return false
  const whole = withSlash(path)
  return paths.some((prefix) => whole.startsWith(prefix))
}

const withSlash = (path: string): string => (path.endsWith("/") ? path : `${path}/`)
