import { setTimeout as pause } from 'node:timers/promises';
import { leaseHolder, requestCancel } from '../delegation/store/lease.ts';
import { message } from '../messages/message.ts';
import { defineCommand, REPO_OPTION } from './command.ts';
import { findDelegation } from './find-delegation.ts';

const LOOK_EVERY_MS = 100;
/** So long a checkpoint may take. */
const PATIENCE_MS = 15_000;

export const cancel = defineCommand({
  about: 'cli.cancel.about',
  words: ['[branch]'],
  options: { ...REPO_OPTION },
  async run(given, context) {
    const { terminal, now } = context;
    const found = await findDelegation(given, context);
    if (!found.ok) return found.code === 1 ? terminal.fail(found.reason) : terminal.misuse(found.reason, 'cancel');
    const { branch } = found.identity;
    const { leases } = found.folder;
    if (!(await requestCancel(leases))) return terminal.fail(message('cli.cancel.nothing', { branch }));
    const deadline = now() + PATIENCE_MS;
    while (now() < deadline) {
      if (!(await leaseHolder(leases))) {
        terminal.tell(message('cli.cancel.done', { branch }));
        return 0;
      }
      await pause(LOOK_EVERY_MS);
    }
    terminal.tell(message('cli.cancel.told', { branch }));
    return 0;
  },
});
