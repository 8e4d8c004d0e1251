/** Curve → SVG: a plain chart, both axes logarithmic, which reads on a light and on a dark page. */
import type { Curve } from "./Scenario.ts"

const width = 760
const height = 420
const frame = { left: 70, right: 24, top: 44, bottom: 120 }
const colours = ["#0b7a75", "#c2410c", "#6d28d9", "#2563eb", "#a16207", "#be185d"]

interface Axis {
  readonly at: (value: number) => number
  readonly ticks: ReadonlyArray<number>
}

/** From a power of ten, or twice or five times one, to another. */
const toAxis = (values: ReadonlyArray<number>, from: number, to: number): Axis => {
  const positive = values.filter((value) => value > 0)
  const steps = Array.from({ length: 16 }, (_, index) => 10 ** (index - 3)).flatMap((power) => [power, 2 * power, 5 * power])
  const low = steps.findLast((step) => step <= Math.min(...positive)) ?? 0.001
  const high = steps.find((step) => step >= Math.max(...positive)) ?? 10 ** 12
  const span = Math.log(high / low) || 1
  const between = steps.filter((step) => step >= low && step <= high)
  // Where all would be too many, the powers of ten alone.
  const ticks = between.length > 10 ? between.filter((step) => Math.log10(step) % 1 === 0) : between
  return { at: (value) => from + (Math.log(Math.max(value, low) / low) / span) * (to - from), ticks }
}

const toText = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")
const label = (value: number) => (value >= 1 ? value.toLocaleString("en") : String(Number(value.toPrecision(2))))

export const toSvg = ({ title, x, y, lines }: Curve): string => {
  const points = Object.values(lines).flat()
  const right = width - frame.right
  const bottom = height - frame.bottom
  const across = toAxis(
    points.map(([value]) => value),
    frame.left,
    right
  )
  const up = toAxis(
    points.map(([, value]) => value),
    bottom,
    frame.top
  )
  const grid = [
    ...across.ticks.map((tick) => {
      const at = across.at(tick).toFixed(1)
      return `<path class="grid" d="M${at} ${frame.top}V${bottom}"/><text x="${at}" y="${bottom + 18}" text-anchor="middle">${label(tick)}</text>`
    }),
    ...up.ticks.map((tick) => {
      const at = up.at(tick).toFixed(1)
      return `<path class="grid" d="M${frame.left} ${at}H${right}"/><text x="${frame.left - 8}" y="${Number(at) + 4}" text-anchor="end">${label(tick)}</text>`
    })
  ]
  const drawn = Object.entries(lines).map(([name, line], index) => {
    const colour = colours[index % colours.length]
    const spots = line.map(([px, py]) => [across.at(px).toFixed(1), up.at(py).toFixed(1)] as const)
    const key = { x: frame.left + (index % 2) * 330, y: bottom + 58 + Math.floor(index / 2) * 20 }
    return [
      `<polyline fill="none" stroke="${colour}" stroke-width="2.5" points="${spots.map((spot) => spot.join(",")).join(" ")}"/>`,
      ...spots.map(([px, py]) => `<circle cx="${px}" cy="${py}" r="3.5" fill="${colour}"/>`),
      `<path d="M${key.x} ${key.y - 4}h22" stroke="${colour}" stroke-width="2.5"/><text x="${key.x + 30}" y="${key.y}">${toText(name)}</text>`
    ].join("\n")
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${toText(title)}">
<style>
text { font: 13px system-ui, sans-serif; fill: #24292f } .title { font-weight: 600; font-size: 15px } .grid { stroke: #d0d7de; stroke-width: 1 } .page { fill: #fff }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .grid { stroke: #30363d } .page { fill: #0d1117 } }
</style>
<rect class="page" width="${width}" height="${height}"/>
<text class="title" x="${frame.left}" y="24">${toText(title)}</text>
${grid.join("\n")}
<text x="${(frame.left + right) / 2}" y="${bottom + 36}" text-anchor="middle">${toText(x)}</text>
<text transform="translate(16 ${(frame.top + bottom) / 2}) rotate(-90)" text-anchor="middle">${toText(y)}</text>
${drawn.join("\n")}
</svg>
`
}
