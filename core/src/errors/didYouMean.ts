/** Suggests a known name for an unknown one. */

/** ` Did you mean x?`, or the list of known names. All names begin with the prefix, so it is not compared. */
export const didYouMean = (name: string, known: ReadonlyArray<string>, prefix = ""): string => {
  const own = (each: string) => each.slice(prefix.length).toLowerCase()
  const ranked = known.map((each) => ({ each, distance: distance(own(name), own(each)) }))
  const [best] = ranked.sort((a, b) => a.distance - b.distance)
  // Up to a third of the letters may differ; beyond that it is another word.
  if (best !== undefined && best.distance <= Math.max(2, own(best.each).length / 3)) return ` Did you mean ${best.each}?`
  return ` Known names: ${known.join(", ")}.`
}

/** The Levenshtein distance: the least number of insertions, deletions and substitutions. */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 0; i < Math.min(a.length, 80); i++) {
    const next = [i + 1]
    for (let j = 0; j < b.length; j++) {
      const change = (row[j] ?? 0) + (a[i] === b[j] ? 0 : 1)
      next.push(Math.min(change, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
