/** How many steps an attempt may have: for the settings, and for the list of tools, which is told before the settings are loaded. */
export const STEP_LIMITS = { minimum: 1, maximum: 300 } as const;
