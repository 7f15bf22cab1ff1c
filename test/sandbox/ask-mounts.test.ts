import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { entriesIn, expandNames, holdsEntry, namesIn } from '../../src/common/list-names.ts';
import { readPlainFile } from '../../src/common/read-plain-file.ts';
import { isThere, realPathOf } from '../../src/common/real-path.ts';
import { holdsSilentMount, setSilentMounts, silentMountsMet } from '../../src/common/silent-mounts.ts';
import { askMounts } from '../../src/sandbox/ask-mounts.ts';
import { findCaches, findInstalled } from '../../src/sandbox/find-lent.ts';
import { findLinked } from '../../src/sandbox/find-linked.ts';
import { findHostFolders } from '../../src/sandbox/host-folders.ts';
import { whyNotRead } from '../../src/workspace/odd-git-entries.ts';

/** Waits for one place, and says no at others. */
const ASK = 'case "$1" in */dead) exec sleep 600;; esac; exit 1';

describe('mounts that do not answer', () => {
  let home: string;
  beforeEach(() => {
    home = realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-silent-')));
  });
  afterEach(() => {
    setSilentMounts([]);
    rmSync(home, { recursive: true });
  });
  const at = (...names: string[]) => path.join(home, ...names);
  const folder = (...names: string[]) => {
    mkdirSync(at(...names), { recursive: true });
    return at(...names);
  };
  /** Like one: what lies there is not looked at. */
  const dead = (...names: string[]) => {
    const place = folder(...names);
    for (const below of ['bin', 'node_modules/.bin', 'v1/bin']) mkdirSync(path.join(place, below), { recursive: true });
    writeFileSync(path.join(place, 'file'), '');
    setSilentMounts([place]);
    return place;
  };

  it('are told from those that answer, within the limit; nothing is asked of the system, of the root and of what a question would mount', async () => {
    const remote = [at('dead'), at('lives'), '/', '/proc/x', '/net', at('asked/dead')];
    const begin = performance.now();
    await askMounts({
      mounts: { remote, onDemand: ['/net', at('asked/dead')] },
      ask: `[ "$1" != /net ] || exec sleep 600; ${ASK}`,
      limitMs: 300,
    });
    assert.ok(performance.now() - begin < 5000);
    assert.ok(holdsSilentMount(at('dead/x')));
    for (const place of [at('lives'), at('asked'), '/net', '/proc/x']) assert.ok(!holdsSilentMount(place), place);
    await askMounts({ mounts: { remote: [], onDemand: [] } });
    assert.ok(!holdsSilentMount(at('dead')));
  });

  it('are nothing for whoever looks, by links too; what lies elsewhere is there', () => {
    const place = dead('nas');
    symlinkSync('nas/bin', at('link'));
    symlinkSync(path.join(place, 'file'), at('whole'));
    for (const way of [place, path.join(place, 'file'), at('link'), at('whole'), at('link/../file')]) {
      assert.equal(realPathOf(way), null, way);
      assert.ok(!isThere(way), way);
      assert.deepEqual([...namesIn(way), ...entriesIn(way)], []);
      assert.ok(!holdsEntry(way));
    }
    assert.deepEqual(expandNames(home, '*/bin'), []);
    assert.equal(realPathOf(home), home);
    assert.deepEqual(silentMountsMet(), [place]);
    setSilentMounts([]);
    assert.deepEqual(silentMountsMet(), []);
    assert.equal(realPathOf(at('link')), path.join(place, 'bin'));
  });

  it('let no repository be read that has a part there', () => {
    const repo = folder('repo');
    execFileSync('git', ['init', '-q', repo]);
    setSilentMounts([]);
    assert.equal(whyNotRead(repo), null);
    for (const part of ['objects/info', 'hooks', 'x']) {
      const place = dead('repo/.git', part);
      assert.equal(whyNotRead(repo)?.code, 'repo.silentPart', part);
      assert.equal(readPlainFile(path.join(place, 'file'), 10), null);
    }
    setSilentMounts([folder('elsewhere')]);
    assert.equal(whyNotRead(repo), null);
    assert.notEqual(readPlainFile(at('repo/.git/objects/info/file'), 10), null);
  });

  it('are lent nothing from: caches, packages, toolchains, PATH, by links and variables', () => {
    dead('nas');
    const env = { HOME: home, PATH: at('nas/bin'), npm_config_cache: at('nas/npm'), NVM_DIR: at('nas') };
    for (const name of ['.npm', '.cargo', '.rustup', '.nvm']) symlinkSync('nas', at(name));
    const root = folder('work');
    symlinkSync(at('nas/node_modules'), path.join(root, 'node_modules'));
    const spec = { env, mountAt: root, hidden: [] };
    const from = [
      ...findCaches(spec, ['package.json', 'Cargo.toml']),
      ...findInstalled(root, ['package.json']),
      ...findLinked(root, ['package.json']),
    ];
    assert.deepEqual(
      from.flatMap((lent) => lent.from),
      [],
    );
    const shown = findHostFolders(env, [], [root]).lent.filter(({ source, at }) => [source, at].some((one) => one.startsWith(home)));
    assert.deepEqual(shown, []);
    setSilentMounts([]);
    assert.notDeepEqual(
      findHostFolders(env, [], [root]).lent.filter(({ source }) => source.startsWith(home)),
      [],
    );
  });
});
