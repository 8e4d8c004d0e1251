/**
 * How often a property is tried: as often as it needs for `npm test`, times FAST_CHECK_RUNS. `npm run nightly` raises it; a
 * fraction lowers it where every test runs many times, as for mutation testing.
 */
const factor = Number(process.env["FAST_CHECK_RUNS"] ?? 1)
if (!(factor > 0)) throw new Error(`FAST_CHECK_RUNS: expected a factor above 0, received ${process.env["FAST_CHECK_RUNS"]}.`)

export const runs = (count: number): number => Math.ceil(count * factor)
