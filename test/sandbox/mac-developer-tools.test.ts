import assert from 'node:assert/strict';
import { findDeveloperTools, withDeveloperTools } from '../../src/sandbox/mac-developer-tools.ts';

const XCODE = '/Applications/Xcode.app/Contents/Developer';
const COMMAND_LINE_TOOLS = '/Library/Developer/CommandLineTools';

describe("Apple's developer tools", () => {
  const find = (installed: readonly string[], chosen: string | null = null) =>
    findDeveloperTools(
      (path) => installed.some((folder) => path.startsWith(`${folder}/`)),
      () => chosen,
    );

  it('are those that were chosen, else Xcode, else the command line tools', () => {
    assert.equal(find([XCODE, COMMAND_LINE_TOOLS], COMMAND_LINE_TOOLS)?.programs, `${COMMAND_LINE_TOOLS}/usr/bin`);
    assert.equal(find([XCODE, COMMAND_LINE_TOOLS])?.programs, `${XCODE}/usr/bin`);
    assert.equal(find([COMMAND_LINE_TOOLS], '/Volumes/gone/Xcode.app/Contents/Developer')?.folder, COMMAND_LINE_TOOLS);
    assert.equal(find([]), null);
    const beta = '/Users/ann/Apps/Xcode-beta.app/Contents/Developer';
    assert.deepEqual(find([beta], beta), {
      folder: '/Users/ann/Apps/Xcode-beta.app/Contents',
      programs: `${beta}/usr/bin`,
      variables: { DEVELOPER_DIR: beta, SDKROOT: `${beta}/SDKs/MacOSX.sdk` },
    });
  });

  it('stand before what only looks for them, and behind what the user put first', () => {
    const tools = find([COMMAND_LINE_TOOLS]);
    const path = (before: string) => withDeveloperTools({ PATH: before }, tools)['PATH'];
    assert.equal(path('/opt/homebrew/bin:/usr/bin:/bin'), `/opt/homebrew/bin:${COMMAND_LINE_TOOLS}/usr/bin:/usr/bin:/bin`);
    assert.equal(path('/bin'), `/bin:${COMMAND_LINE_TOOLS}/usr/bin`);
    assert.deepEqual(withDeveloperTools({ PATH: '/bin' }, null), { PATH: '/bin' });
  });
});
