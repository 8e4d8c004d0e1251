/**
 * An organisation's own values for some settings: below the options and the environment, above the defaults.
 *
 * @module
 */
export interface Preset {
  /**
   * Its name, for faults. It is called as the option is, so that `{ ...gdsIdea }` neither compiles nor starts: spread into the
   * options, the values of a preset would silently win over the environment.
   */
  readonly preset: string
  /** As the option. */
  readonly redirectUrl?: string | undefined
  /** As the option. */
  readonly platformAdminGroups?: ReadonlyArray<string> | undefined
}

/**
 * The values of the organisation that the Python package was written for: with them, any adapter has that package's defaults.
 *
 * @example
 * const auth = cognitoAuth({ preset: gdsIdea })
 */
export const gdsIdea: Preset = Object.freeze({
  preset: "gdsIdea",
  redirectUrl: "https://gds-idea.click/401.html",
  platformAdminGroups: Object.freeze(["gds-idea"])
})

/** The options, with a preset below the one that they have: for an adapter with defaults of its own. */
export const withPreset = <Given extends { readonly preset?: Preset | undefined }>(options: Given, below: Preset): Given => {
  const { preset } = options
  if (preset === undefined) return { ...options, preset: below }
  // What is no preset stays as it is: the settings name the fault.
  return typeof preset === "object" && preset !== null ? { ...options, preset: { ...below, ...preset } } : options
}
