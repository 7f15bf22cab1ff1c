import { existsSync } from 'node:fs';
import { messageText } from '../messages/translate.ts';
import { probeSandbox } from '../sandbox/probe-sandbox.ts';
import type { SetupContext, StepEnd } from './setup-context.ts';

/** The command: a sandbox that works is said to. */
export async function trySandbox(context: SetupContext): Promise<void> {
  const { ui, t } = context;
  if ((await sandboxStep(context)) !== 'done') return;
  const off = context.settings.get('sandbox') === 'unsandboxed';
  await (off
    ? ui.notify(
        'warning',
        t('The sandbox is switched off: commands run with your own rights. The setting {0} changes it.', context.door.setting('sandbox')),
      )
    : ui.notify('info', t('The sandbox works.')));
}

/** Tries the sandbox; where it does not work, says what to install and waits. */
export async function sandboxStep(context: SetupContext): Promise<StepEnd> {
  const { ui, t } = context;
  const chosen = context.answers.sandbox;
  if (chosen) await context.settings.set('sandbox', chosen === 'required' ? undefined : chosen);
  for (;;) {
    if (context.settings.get('sandbox') === 'unsandboxed') return 'done';
    const probe = await ui.busy(t('Trying the sandbox…'), () => probeSandbox());
    if (probe.ok) return 'done';
    const again = t('Try Again');
    const copy = t('Copy the Command');
    const without = t('Run Without a Sandbox…');
    const later = t('Later');
    const command = commandFor(messageText(probe.reason, t), existsSync);
    const answer = await ui.confirm({
      kind: 'warning',
      message: t('The sandbox does not work yet.'),
      detail: `${messageText(probe.reason, t)}\n\n${t('Commands that Kimi chooses run in it, so that they reach nothing but their own copy of the repository. Until it works, no work is handed over.')}`,
      actions: [...(command ? [copy] : []), again, without, later],
      decline: later,
    });
    if (answer === copy && command) await ui.copy(command);
    else if (answer === without) {
      const sure = t('Run Without a Sandbox');
      const yes = await ui.confirm({
        kind: 'warning',
        message: t('Run commands without a sandbox?'),
        detail: t(
          'Commands that the model chooses would run with your own rights: they could read your files, use the network and change anything that you can change. Every result will say so.',
        ),
        actions: [sure],
      });
      if (yes === sure) await context.settings.set('sandbox', 'unsandboxed');
    } else if (answer === later) return 'skipped';
    else if (answer === undefined) return 'stopped';
  }
}

/** The command of a hint that this system has the program for: a hint names those of several package managers. */
export function commandFor(hint: string, exists: (file: string) => boolean): string | undefined {
  const commands = [...hint.matchAll(/`(sudo (\S+)[^`]*)`/g)];
  const fitting = commands.find(([, , program]) => ['/usr/bin', '/usr/sbin', '/sbin'].some((folder) => exists(`${folder}/${program}`)));
  return (fitting ?? commands[0])?.[1];
}
