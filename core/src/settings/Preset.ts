/**
 * An organisation's values for some settings. Options and the environment win over them; they win over the defaults.
 *
 * @module
 */
export interface Preset {
  /**
   * Its name, for faults. It has the name of the option, so that `{ ...gdsIdea }` neither compiles nor starts: if they were spread
   * into the options, the values of a preset would silently win over the environment.
   */
  readonly preset: string
  /** As the option. */
  readonly redirectUrl?: string | undefined
  /** As the option. */
  readonly platformAdminGroups?: ReadonlyArray<string> | undefined
}

/**
 * The values of the organisation for which the Python package was written. With them, every adapter has that package's defaults.
 *
 * @example
 * const auth = cognitoAuth({ preset: gdsIdea })
 */
export const gdsIdea: Preset = Object.freeze({
  preset: "gdsIdea",
  redirectUrl: "https://gds-idea.click/401.html",
  platformAdminGroups: Object.freeze(["gds-idea"])
})

/** The options with a fallback preset, for an adapter with its own defaults. The options' own preset wins over it. */
export const withPreset = <Given extends { readonly preset?: Preset | undefined }>(options: Given, fallback: Preset): Given => {
  const { preset } = options
  if (preset === undefined) return { ...options, preset: fallback }
  // An invalid preset is left unchanged: reading the settings reports the fault.
  return typeof preset === "object" && preset !== null ? { ...options, preset: { ...fallback, ...preset } } : options
}
