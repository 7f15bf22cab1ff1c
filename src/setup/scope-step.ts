import type { EntryPlace, Scope } from '../claude/registration.ts';
import { readRecord } from '../claude/setup-record.ts';
import type { SetupContext } from './setup-context.ts';

/** Where Claude Code is to know the server: everywhere, as a window wants it, or, by a terminal's choice, in one project. */
export async function scopeStep(context: SetupContext): Promise<EntryPlace | undefined> {
  const { ui, t, door, answers } = context;
  const folder = context.folders[0];
  const place = (scope: Scope): EntryPlace | null => (scope === 'user' ? { scope } : folder === undefined ? null : { scope, folder });
  if (answers.scope) {
    const chosen = place(answers.scope);
    if (chosen) return chosen;
    await ui.notify('error', t('The scopes project and local are those of a repository. Run this in one.'));
    return undefined;
  }
  const before = readRecord(context.stateDir).connected?.place ?? null;
  const current = before !== null && before.folder === folder ? before.scope : 'user';
  if (door.kind === 'window' || folder === undefined) return { scope: 'user' };
  const choice = (scope: Scope, label: string, detail: string) => ({ label, detail, value: scope, current: scope === current });
  const scope = await ui.pick({
    title: t('Scope'),
    placeholder: t('Where shall Claude Code be able to hand over work?'),
    choices: [
      choice('user', t('In all your projects'), t('scope user')),
      choice('local', t('Only in {0}', folder), t('scope local: for you alone')),
      choice('project', t('In {0}, for everybody who works on it', folder), t('scope project: the file .mcp.json, which is committed')),
    ],
  });
  return scope === undefined ? undefined : (place(scope) ?? undefined);
}
