/** The lines of a curve while they are measured. */
export type Lines = Record<string, Array<readonly [x: number, y: number]>>

/** Goes on with the line of this name, or begins it. */
export const addPoint = (lines: Lines, name: string, x: number, y: number): void => {
  const points = lines[name] ?? []
  points.push([x, y])
  lines[name] = points
}
