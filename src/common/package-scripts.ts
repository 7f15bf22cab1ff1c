/** The scripts of a `package.json`, by name (and nothing under a name such as `constructor`); none where it is missing, broken or of another shape. */
export function packageScripts(manifest: string | null | undefined): Record<string, string> {
  const found: Record<string, string> = Object.create(null);
  try {
    const scripts: unknown = JSON.parse(manifest ?? '{}').scripts;
    if (typeof scripts !== 'object') return found;
    for (const [name, script] of Object.entries(scripts ?? {})) if (typeof script === 'string') found[name] = script;
  } catch {} // what cannot be read says nothing
  return found;
}
