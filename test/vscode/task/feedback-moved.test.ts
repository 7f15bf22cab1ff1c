import assert from 'node:assert/strict';
import { registerHooks } from 'node:module';
import type { DelegationItem } from '../../../src/vscode/delegations/delegation-item.ts';
import { delegationItem } from '../../../src/vscode/delegations/delegation-item.ts';
import type { WindowContext } from '../../../src/vscode/window-context.ts';
import { ended, TIP } from '../sample-records.ts';

/** As much of VS Code as asks for a line of text and tells something: what is asked here is decided by our code alone. */
const VSCODE = `
const on = () => ({ dispose() {} });
export const l10n = { t: (text) => text };
export const told = [];
export const answers = { write: () => {} };
export class ThemeIcon {}
export class Disposable {}
export class EventEmitter {}
export const window = {
  showInformationMessage: async (text) => void told.push(text),
  createInputBox() {
    let accept;
    return { value: '', onDidTriggerButton: on, onDidHide: on, onDidChangeValue: on, onDidAccept: (listener) => (accept = listener), dispose() {},
      async show() { await answers.write(); this.value = 'It is wrong'; accept(); } };
  },
};
`;

describe('feedback that takes minutes to write', () => {
  const hooks = registerHooks({
    resolve: (name, context, next) =>
      name === 'vscode' ? { url: `data:text/javascript,${encodeURIComponent(VSCODE)}`, shortCircuit: true } : next(name, context),
  });
  after(() => hooks.deregister());

  const work = (more: Partial<DelegationItem> = {}): DelegationItem => ({ ...delegationItem(ended(), null), ...more });
  const newer = delegationItem(ended({ tip: 'd'.repeat(40) }), null);
  const merged = delegationItem({ ...ended(), disposition: { state: 'merged', at: '', tip: TIP, commit: TIP, into: 'main' } }, null);

  async function send(how: 'retry' | 'comments', now: DelegationItem | undefined): Promise<{ calls: number; told: string[] }> {
    const { retryWithFeedback } = await import('../../../src/vscode/task/retry-with-feedback.ts');
    const { sendComments } = await import('../../../src/vscode/task/send-comments.ts');
    const { told, answers } = (await import('vscode')) as unknown as { told: string[]; answers: { write(): void } };
    told.length = 0;
    let found: DelegationItem | undefined = work();
    answers.write = () => {
      found = now;
    };
    let calls = 0;
    const began = new Error('began');
    const window = {
      worktreeOf: () => '/work/shop',
      refresh: async () => {},
      find: () => found,
      drafts: { get: () => undefined, set() {}, delete() {} },
      ownTasks: {
        during: () => {
          calls++;
          throw began;
        },
      },
      onDidChange: () => ({ dispose() {} }),
      delegations: () => [],
      findByBranch: () => undefined,
    } as unknown as WindowContext;
    const mayDelegate = async () => true;
    const comments = {
      of: () => [{ file: 'a.ts', line: 1, text: 'no' }],
      forget() {},
      onDidChange: () => ({ dispose() {} }),
      dispose() {},
    };
    const sent = how === 'retry' ? retryWithFeedback(window, work(), mayDelegate) : sendComments(window, work(), comments, mayDelegate);
    await sent.catch((error: unknown) => assert.equal(error, began));
    return { calls, told: [...told] };
  }

  for (const how of ['retry', 'comments'] as const)
    it(`is sent on the work that it is about, and on none that came, or was merged, meanwhile (${how})`, async () => {
      assert.deepEqual(await send(how, work()), { calls: 1, told: [] });
      for (const now of [newer, merged, undefined]) {
        const { calls, told } = await send(how, now);
        assert.equal(calls, 0);
        assert.match(told.join('\n'), /the delegation changed meanwhile/);
      }
    });
});
