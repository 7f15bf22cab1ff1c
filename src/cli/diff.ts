import path from 'node:path';
import { deliveredWork } from '../delegation/review/delivered-work.ts';
import { readDelegation } from '../delegation/store/delegation-status.ts';
import { escapeUntrusted } from '../mcp/escape-untrusted.ts';
import { message } from '../messages/message.ts';
import { readBranches } from '../workspace/repository-branches.ts';
import { showDiff, showReadableDiff } from '../workspace/show-diff.ts';
import { defineCommand, REPO_OPTION } from './command.ts';
import { findDelegation } from './find-delegation.ts';

export const diff = defineCommand({
  about: 'cli.diff.about',
  words: ['[branch]', '[path...]'],
  options: {
    stat: { type: 'boolean', about: 'cli.option.stat' },
    'name-only': { type: 'boolean', about: 'cli.option.nameOnly' },
    ...REPO_OPTION,
  },
  async run(given, context) {
    const { terminal, cwd } = context;
    const { options, words } = given;
    if (options.stat && options['name-only'])
      return terminal.misuse(message('cli.oneOf', { first: '--stat', second: '--name-only' }), 'diff');
    const found = await findDelegation(given, context);
    if (!found.ok) return found.code === 1 ? terminal.fail(found.reason) : terminal.misuse(found.reason, 'diff');
    const { repository, identity, folder } = found;
    const [{ attempts, status }, branches] = await Promise.all([readDelegation(folder), readBranches(repository.root, repository.user)]);
    const work = deliveredWork(attempts, (branch) => branches?.tips.has(branch) ?? false);
    const result = work?.result ?? attempts.findLast((attempt) => attempt.result?.tip)?.result;
    if (!result?.base || !result.tip) {
      const code = status.state === 'running' ? 'cli.diff.running' : 'cli.diff.nothing';
      return terminal.fail(message(code, { branch: identity.branch }));
    }
    const tip = (work && branches?.tips.get(work.branch)) ?? result.tip;
    const paths = words.slice(1).map((word) => path.resolve(cwd, word));
    const format = options.stat ? ['--stat'] : options['name-only'] ? ['--name-only'] : [];
    const wanted = { base: result.base, tip, format, paths };
    // What goes into a pipe is to be applied, perhaps.
    if (terminal.columns === null || options['name-only']) return showDiff(repository, wanted, context.env);
    const { code, untold } = await showReadableDiff(repository, wanted, context.env, visible);
    for (const { path: file, forms } of untold)
      terminal.note(
        forms === null ? message('cli.diff.alike', { file }) : message('cli.diff.form', { file, before: forms[0], after: forms[1] }),
      );
    return code;
  },
});

/** Without what a terminal would obey; the line ends of Windows stay. */
function visible(text: string): string {
  return text.split('\r\n').map(escapeUntrusted).join('\r\n');
}
