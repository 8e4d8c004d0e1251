/** What the upstream of the benchmark answers with, and where. */
export const paths = { small: "/", large: "/large", events: "/events", whoAmI: "/who" } as const

export const bytes = { small: 1_024, large: 1_048_576 } as const

export const event = `data: {"progress": 0.42, "message": "${"x".repeat(80)}"}\n\n`
