/**
 * Paths on which services may ask, each with all below it. Nowhere else is `Authorization` looked at.
 *
 * Only a path in its plain form lies below another: `/apis`, `/API`, `/%61pi`, `//api` and `/api/../x` are not below `/api`, however
 * a router behind may read them.
 *
 * @module
 */
import * as Result from "effect/Result"
import type { Fault } from "../errors/ConfigurationError.ts"
import { isPlainPath, pathOf, readPlainPaths } from "./Bypass.ts"

/** A compiled list: each prefix with a slash at its end, so that it ends with a whole segment. */
export type ServicePaths = ReadonlyArray<string>

/** Validates a list of paths, and compiles it: `/api` and `/api/` stand for the same, `/` for every plain path. */
export const readServicePaths = (paths: unknown): Result.Result<ServicePaths, ReadonlyArray<Fault>> =>
  Result.map(readPlainPaths(paths, "services", prefix), (list) => list.map(withSlash))

const prefix = { example: "/api", expected: 'one such as "/api", which stands for all below it' }

/** Whether the target's path is below one on the list, and the path that a router will act on is too. The query does not count. */
export const isServicePath = (paths: ServicePaths, target: string, routedTarget: string = target): boolean =>
  paths.length > 0 && isBelow(paths, pathOf(target)) && (routedTarget === target || isBelow(paths, pathOf(routedTarget)))

const isBelow = (paths: ServicePaths, path: string): boolean => {
  if (!isPlainPath(path)) return false
  const whole = withSlash(path)
  return paths.some((prefix) => whole.startsWith(prefix))
}

const withSlash = (path: string): string => (path.endsWith("/") ? path : `${path}/`)
