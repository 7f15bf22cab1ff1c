/** Where a case of the red team applies: everywhere, or only where the wall has the part that it attacks. */
const ONLY_ON: Readonly<Record<string, { readonly platform: NodeJS.Platform; readonly why: string }>> = {
  33: { platform: 'linux', why: 'without a process namespace a daemon that leaves at once is not promised to be found' },
  34: { platform: 'linux', why: 'it counts the helper that only Linux has; without-namespace.slow.test.ts kills the server elsewhere' },
  47: { platform: 'linux', why: 'it lists the folders of Linux; 51 is the same for macOS' },
  50: { platform: 'linux', why: 'system calls of Linux' },
  57: { platform: 'linux', why: 'macOS searches for no pipes: to open one for writing is a write, which its rules refuse' },
  51: { platform: 'darwin', why: 'services and folders of macOS' },
};

/** A case by its number; where it does not apply it is named as skipped, with the reason. */
export function attack(title: string, run: () => Promise<void>): { timeout(milliseconds: number): unknown } {
  const only = ONLY_ON[/^\d+/.exec(title)?.[0] ?? ''];
  return !only || only.platform === process.platform ? it(title, run) : it(`${title} (${only.platform} only: ${only.why})`);
}

/** Cases that apply on one system only, all of them. */
export function attacksOn(platform: NodeJS.Platform, why: string, title: string, body: (this: Mocha.Suite) => void): void {
  if (process.platform === platform) describe(title, body);
  else describe(title, () => it(`all of it (${platform} only: ${why})`));
}

/** How a refused write reads: of a read-only mount, or of the rules of macOS. */
export const REFUSED = /Read-only file system|Operation not permitted|busy/i;
