import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connectStep } from '../../src/setup/connect-step.ts';
import { CLAUDE } from './played-claude.ts';
import { playContext, playUser } from './played-user.ts';

describe('an entry that somebody registers while the question of Connect Claude Code stands', () => {
  it('is not removed by commands that were not shown: it is asked again, with those that are', async () => {
    const home = realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-race-')));
    const [program, state] = [path.join(home, 'claude'), path.join(home, '.claude.json')];
    writeFileSync(program, CLAUDE);
    chmodSync(program, 0o755);
    const own = { command: 'mine', args: [], env: { KIMI_BUDGET: '3' } };
    for (const last of [null, 'Connect'] as const) {
      rmSync(state, { force: true });
      const user = playUser([
        [/These commands are run(?![\s\S]*(mcp remove|are gone then))/, 'Connect'],
        [/These commands are run[\s\S]*> claude mcp remove[\s\S]*which are gone then: KIMI_BUDGET$/m, last],
      ]);
      const context = playContext(user, { home, answers: { permissions: false } });
      await context.settings.set('claudePath', program);
      let asked = 0;
      const confirm: typeof user.ui.confirm = async (question) => {
        const answer = await user.ui.confirm(question);
        if (++asked === 1) writeFileSync(state, JSON.stringify({ mcpServers: { 'kimi-agent': own } }));
        return answer;
      };
      assert.equal(await connectStep({ ...context, ui: { ...context.ui, confirm } }), last ? 'done' : 'stopped');
      const { mcpServers } = JSON.parse(readFileSync(state, 'utf8'));
      assert.equal(mcpServers['kimi-agent'].command === 'mine', last === null);
      assert.deepEqual(user.left(), []);
    }
    rmSync(home, { recursive: true, force: true });
  });
});
