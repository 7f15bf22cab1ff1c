import { lstatSync } from 'node:fs';
import path from 'node:path';
import { claudeFiles } from '../claude/claude-files.ts';
import { type Disclosure, type RulesLanguage, rulesBlock } from '../claude/claude-md-rules.ts';
import { addRules, holdsRules, planRules, readRecord, removeRules } from '../claude/setup-record.ts';
import { resolveSettings } from '../config.ts';
import { failureText } from './failure-text.ts';
import { settingLayers } from './setting-layers.ts';
import type { SetupContext, StepEnd } from './setup-context.ts';

type Action = { file: string; language: RulesLanguage | 'remove' };

/** The delegation rules in a CLAUDE.md: optional, since the server itself tells Claude the same in short. */
export async function rulesStep(context: SetupContext): Promise<StepEnd> {
  const { ui, t } = context;
  const files = possibleFiles(context);
  const languages: RulesLanguage[] = context.language.startsWith('zh') ? ['zh-cn', 'en'] : ['en', 'zh-cn'];
  const names = { en: 'English', 'zh-cn': '中文' };
  const holding = files.find(holdsRules);
  const choices = [
    { ...(holding ? kept(context, holding) : nothingMore(context)), value: null as Action | null },
    ...files.flatMap((file, index) => [
      ...languages.map((language) => ({
        label: t('Write to {0} ({1})', file, names[language]),
        detail: index === 0 ? t('For all your projects') : t('For this project and everybody who works on it'),
        value: { file, language },
      })),
      ...(holdsRules(file) ? [{ label: t('Remove from {0}', file), value: { file, language: 'remove' as const } }] : []),
    ]),
  ];
  const { rules } = context.answers;
  const action =
    rules === undefined
      ? await ui.pick({
          title: t('Delegation Rules'),
          placeholder: t('Shall a CLAUDE.md tell Claude in more detail when to hand over work?'),
          choices,
        })
      : rules && { file: fileForAnswer(context, files), language: rules };
  if (action === undefined) return 'stopped';
  if (action === null) return 'skipped';
  if (action.file !== undefined) return carryOut(context, { ...action, file: action.file });
  await ui.notify('error', t('CLAUDE.md in {0} is a link, which could lead anywhere: nothing was written.', context.folders[0] ?? ''));
  return 'stopped';
}

const nothingMore = ({ t }: SetupContext) => ({
  label: t('Nothing More'),
  detail: t('Claude Code is told the essentials by the connection itself.'),
});
const kept = ({ t }: SetupContext, file: string) => ({ label: t('Leave It as It Is'), detail: t('{0} holds the rules already.', file) });

/** Rules chosen beforehand go where the registration goes; undefined = they cannot, and what counts in all projects is not in their place. */
function fileForAnswer({ answers, folders }: SetupContext, [memory, ofProject]: readonly string[]): string | undefined {
  return answers.scope === 'project' && folders.length > 0 ? ofProject : memory;
}

function possibleFiles(context: SetupContext): string[] {
  return [
    claudeFiles(context.env, context.home).memory,
    ...context.folders.filter(keepsToItself).map((folder) => path.join(folder, 'CLAUDE.md')),
  ];
}

/** A link in a repository could lead our writing anywhere. */
function keepsToItself(folder: string): boolean {
  const link = lstatSync(path.join(folder, 'CLAUDE.md'), { throwIfNoEntry: false });
  return !link?.isSymbolicLink();
}

/** As the servers in this window find it; a setting that is wrong anywhere is shown by the check, and until then the default counts. */
async function disclosureOf(context: SetupContext): Promise<Disclosure> {
  const resolution = resolveSettings(await settingLayers(context, context.folders[0]));
  return resolution.ok ? resolution.settings.values.disclosure : 'silent';
}

async function carryOut(context: SetupContext, { file, language }: Action): Promise<StepEnd> {
  const { ui, t, stateDir, now } = context;
  if (language === 'remove') {
    if (!(await removeRulesFrom(context, file))) return 'skipped';
    void ui.notify('info', t('The delegation rules were removed from {0}.', file));
    return 'done';
  }
  const disclosure = await disclosureOf(context);
  const change = await orTell(context, () => planRules(file, language, disclosure));
  if (!change) return 'skipped';
  if (change.after === change.before) {
    void ui.notify('info', t('{0} holds the rules already.', file));
    return 'done';
  }
  const write = t('Write');
  const no = t('No');
  const answer = await ui.confirm({
    message: t('Write the delegation rules to {0}?', file),
    detail: `${t('This block is added; the rest of the file stays as it is.')}\n\n${rulesBlock(language, disclosure)}`,
    actions: [write],
    decline: no,
  });
  if (answer === no) return 'skipped';
  if (answer !== write) return 'stopped';
  const written = await orTell(context, () => {
    addRules(stateDir, change, now());
    return true;
  });
  return written ? 'done' : 'skipped';
}

/** @returns what it gives, or null after the user was told why it cannot be done */
async function orTell<T>({ ui, t }: SetupContext, act: () => T): Promise<T | null> {
  try {
    return act();
  } catch (error) {
    await ui.notify('error', failureText(error, t));
    return null;
  }
}

/** Every file that holds the block: those that we wrote it to and, since that record may have got lost, those where it can be. */
export function filesWithRules(context: SetupContext): string[] {
  const written = readRecord(context.stateDir).rules.map(({ file }) => file);
  return [...new Set([...written, ...possibleFiles(context).filter(holdsRules)])];
}

/** Takes the block out of a file. @returns whether it is gone; why not was told */
export async function removeRulesFrom(context: SetupContext, file: string): Promise<boolean> {
  const removed = await orTell(context, () => {
    removeRules(context.stateDir, file, context.now());
    return true;
  });
  return removed !== null;
}
