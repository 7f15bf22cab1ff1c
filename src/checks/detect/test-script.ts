/**
 * The value of `"test"` in an object of a manifest (`scripts` of composer.json, `tasks` of deno.jsonc), as it is written: a text with its quotes,
 * or a list. By its text, as comments are allowed in some; from the object on, so that the rest is looked at once, whatever it holds.
 */
export function testScriptIn(manifest: string, object: 'scripts' | 'tasks'): string | undefined {
  const at = manifest.search(new RegExp(`"${object}"\\s*:\\s*\\{`));
  return at < 0 ? undefined : /^[^{]*\{[^}]*"test"\s*:\s*("(?:[^"\\]|\\.)*"|\[[^\]]{0,4000}\])/.exec(manifest.slice(at))?.[1];
}
