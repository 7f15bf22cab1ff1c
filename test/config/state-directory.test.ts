import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import { homeFolder, stateDirectory } from '../../src/state-directory.ts';
import { english } from '../messages/english.ts';

const HOME = '/home/ann';
const folderOf = (given: string | undefined, home: string | null = HOME) => {
  const state = stateDirectory({ CLAUDE_KIMI_HOME: given }, home);
  return state.ok ? state.folder : english(state.reason);
};

describe('the state directory', () => {
  const FOLDERS: readonly [string | undefined, string][] = [
    [undefined, '/home/ann/.claude-kimi-mcp'],
    ['', '/home/ann/.claude-kimi-mcp'],
    [' ', '/home/ann/.claude-kimi-mcp'],
    ['/somewhere/else', '/somewhere/else'],
    [' /somewhere/../else/ ', '/else'],
    ['~/state', '/home/ann/state'],
    ['~//state/kimi', '/home/ann/state/kimi'],
    ['$HOME/state', '/home/ann/state'],
    ['${HOME}/state', '/home/ann/state'],
  ];
  for (const [given, folder] of FOLDERS) it(`${given} is ${folder}`, () => assert.equal(folderOf(given), folder));

  for (const given of ['state', './state', '../state', '.', '~ann/state', '$XDG_STATE_HOME/kimi', '$HOMES/x', '"/quoted"']) {
    it(`${given} is refused in one sentence: by the working directory it would lie in the user's repository`, () => {
      const said = folderOf(given);
      assert.match(said, /^CLAUDE_KIMI_HOME is .* names no certain folder: give an absolute path, or one that begins with ~\/ .*\.$/);
      assert.ok(said.includes(given));
    });
  }

  for (const given of ['~', '~/', '$HOME', HOME, `${HOME}/`, '/'])
    it(`${given} is refused: other things lie there`, () =>
      assert.match(folderOf(given), /, where other things lie: give a folder of its own/));

  it('without a home folder is the one that is given, or none', () => {
    assert.equal(folderOf('/state', null), '/state');
    for (const given of [undefined, '~/state'])
      assert.equal(
        folderOf(given, null),
        'There is no home folder for the state of this program: set CLAUDE_KIMI_HOME to an absolute path.',
      );
  });

  for (const home of ['', 'home', './x']) {
    it(`lies in no folder of the repository when HOME is ${JSON.stringify(home)}`, () => {
      const before = process.env.HOME;
      process.env.HOME = home;
      try {
        assert.match(homeFolder() ?? '/', /^\//);
      } finally {
        process.env.HOME = before;
      }
      assert.equal(homeFolder(), homedir());
    });
  }
});
