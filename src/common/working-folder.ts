/** The folder in which the process was started, or null when that was removed meanwhile. */
export function workingFolder(): string | null {
  try {
    return process.cwd();
  } catch {
    return null;
  }
}
