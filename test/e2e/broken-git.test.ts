import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { delegationFolder, delegationId } from '../../src/delegation/store/delegation-folder.ts';
import type { ToolName } from '../../src/mcp/tool-schemas.ts';
import { field } from '../fakes/mcp-client.ts';
import { finish, makeWorld, task, type World, write } from './world.ts';

interface Case {
  readonly tool: ToolName;
  /** What there must be before the tool is called. */
  readonly needs: 'fresh work' | 'discarded work' | 'nothing';
  readonly more?: Record<string, unknown>;
  /** Commands of git without which the tool cannot do what it was asked for; those that open the repository are needed by each. */
  readonly fatal: readonly string[];
}

const OPENING = ['for-each-ref', 'config'];
/** Needed to look for secrets in the files of a new workspace: nothing is sent without that. */
const LOOKING = 'ls-files';
const HAND_OVER = ['diff-files', 'write-tree', 'commit-tree', 'pack-objects', 'worktree', 'diff-tree'];
const CASES: readonly Case[] = [
  { tool: 'get_delegation', needs: 'nothing', fatal: [] },
  { tool: 'cancel_delegation', needs: 'nothing', fatal: [] },
  { tool: 'delegation_diff', needs: 'fresh work', fatal: ['diff-tree'] },
  { tool: 'merge_delegation', needs: 'fresh work', fatal: ['merge-tree', 'diff-tree', 'status', 'commit-tree', 'read-tree'] },
  { tool: 'discard_delegation', needs: 'fresh work', fatal: ['worktree'] },
  { tool: 'restore_delegation', needs: 'discarded work', fatal: [] },
  { tool: 'resume_delegation', needs: 'nothing', fatal: [] },
  { tool: 'implement_feature', needs: 'nothing', more: { task_spec: 'Write it.' }, fatal: HAND_OVER },
  { tool: 'write_tests', needs: 'nothing', more: { task_spec: 'Write it.' }, fatal: HAND_OVER },
  { tool: 'fix_bug', needs: 'nothing', more: { bug_description: 'It fails.' }, fatal: HAND_OVER },
];

describe('a git that fails in the middle of a call', function () {
  this.timeout(120_000);
  let folder: string;
  let world: World;
  let count = 0;
  const file = (name: string) => path.join(folder, name);
  const breakGit = (command: string) => writeFileSync(file('break'), command);

  before(async () => {
    folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-broken-git-')));
    breakGit('');
    const env = { GIT_CALLS: file('calls'), BREAK_GIT: file('break') };
    const node = ['--require', path.join(import.meta.dirname, 'break-git.cjs')];
    world = await makeWorld(({ step }) => (step === 0 ? write(`done-${count}.txt`, 'done\n') : finish()), { env, node });
  });
  after(async () => {
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Makes what the tool needs, breaks one command of git, and calls. */
  async function call({ tool, needs, more }: Case, broken: string) {
    const branch = `feature/${++count}`;
    const where = { repo_path: world.repo, branch_name: branch };
    let tip = '1234567';
    if (needs !== 'nothing') {
      const report = await world.server.call('implement_feature', task(world, branch));
      assert.equal(field(report, 'outcome'), 'unverified', report);
      tip = field(report, 'tip') ?? '';
      if (needs === 'discarded work') await world.server.call('discard_delegation', where);
    }
    writeFileSync(file('calls'), '');
    breakGit(broken);
    try {
      const args = { ...where, ...(tool === 'merge_delegation' && { expected_tip: tip }), ...more };
      const { content, isError } = await world.server.client.callTool({ name: tool, arguments: args });
      const commands = new Set(readFileSync(file('calls'), 'utf8').split('\n').filter(Boolean));
      return { isError, text: (content as { text: string }[])[0]?.text ?? '', commands };
    } finally {
      breakGit('');
    }
  }

  for (const each of CASES) {
    it(`${each.tool} answers with an outcome and a reason, whichever command fails`, async () => {
      const { commands } = await call(each, '');
      const outcomes = new Map<string, string>();
      for (const command of commands) {
        const { isError, text } = await call(each, command);
        assert.equal(isError, undefined, text);
        const outcome = field(text, 'outcome') ?? '';
        outcomes.set(command, outcome);
        if (each.tool === 'merge_delegation' && outcome === 'refused') {
          assert.match(field(text, 'reason') ?? '', /git could not do its work in .*broken for the test.*The checkout is as it was/, text);
          assert.equal(world.git('status', '--porcelain'), '', command);
        }
        if (command === LOOKING && each.fatal === HAND_OVER) {
          assert.equal(outcome, 'environment_broken', text);
          assert.match(field(text, 'reason') ?? '', /broken for the test/, text);
        }
        if (outcome !== 'internal_error') continue;
        assert.match(field(text, 'reason') ?? '', /broken for the test/, text);
        assert.equal(field(text, 'fallback_needed'), 'false', text);
        assert.match(field(text, 'next') ?? '', /a fault of this program/, text);
      }
      for (const command of OPENING) assert.equal(outcomes.get(command), 'internal_error', command);
      const fatal = each.tool === 'merge_delegation' ? 'refused' : 'internal_error';
      for (const command of each.fatal) assert.equal(outcomes.get(command), fatal, command);
    });
  }

  it('a merge that is made is told as made, whatever fails behind it', async () => {
    const { text } = await call(CASES.find(({ tool }) => tool === 'merge_delegation')!, 'worktree');
    assert.equal(field(text, 'outcome'), 'merged', text);
    assert.match(field(text, 'reason') ?? '', /feature\/\d+ stays: .*broken for the test/);
  });

  it('a state directory that cannot be read is told as such', async () => {
    count++;
    const report = await world.server.call('implement_feature', task(world, 'feature/unreadable'));
    assert.equal(field(report, 'outcome'), 'unverified', report);
    const { root } = delegationFolder(world.state, delegationId(path.join(world.repo, '.git'), 'feature/unreadable'));
    const journal = path.join(root, 'attempts', '001', 'journal.jsonl');
    rmSync(journal);
    symlinkSync(journal, journal);
    const text = await world.server.call('get_delegation', { repo_path: world.repo, branch_name: 'feature/unreadable' });
    assert.equal(field(text, 'outcome'), 'storage_error', text);
    assert.equal(field(text, 'fallback_needed'), 'true');
    assert.match(field(text, 'reason') ?? '', /ELOOP.*The state directory .* must be writable/);
  });
});
