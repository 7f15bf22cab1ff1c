/** How many steps an attempt may have: for the settings, and for the list of tools, which is sent before they are loaded. */
export const STEP_LIMITS = { minimum: 1, maximum: 300 } as const;

/** How many it has where nobody says otherwise. */
export const USUAL_STEPS = 50;
