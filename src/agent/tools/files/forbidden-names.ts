/** Which names inside a path are refused, whatever lies on the disk. */

/**
 * Whether a path component means git's own folder on any file system that the branch may be checked out on:
 * case folding, NTFS short names (`git~1`), trailing dots and blanks and streams (`.git::$INDEX_ALLOCATION`) that Windows drops,
 * and the code points that HFS+ ignores (the list is git's own, from its check of the same name).
 */
export function isGitFolderName(component: string): boolean {
  const plain = component.replace(/[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g, '').replace(/:.*$/s, '');
  return /^(\.git|git~\d+)[. ]*$/i.test(plain);
}

/** Why a name cannot exist on Windows, so that a branch with it could not be checked out there; `null` when it can. */
export function portabilityProblem(component: string): string | null {
  if (/^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])([.:].*)?\s*$/is.test(component)) return 'is a device name on Windows';
  if (/::?\$\w+$/.test(component)) return 'names a hidden stream of a file on Windows';
  if (/[. ]$/.test(component)) return 'ends with a dot or a blank, which Windows drops';
  if (component.includes('\\')) return 'contains a backslash; put / between folders';
  return null;
}
