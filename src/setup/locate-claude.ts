import { findClaude } from '../claude/find-claude.ts';
import { type ClaudeRun, claudeVersion } from '../claude/registration.ts';
import type { SetupContext } from './setup-context.ts';

/** @returns how to run `claude`; null when the user goes on without, undefined when the user left */
export async function locateClaude(context: SetupContext): Promise<ClaudeRun | null | undefined> {
  const { ui, t, env, home, platform } = context;
  for (;;) {
    const setting = String(context.settings.get('claudePath') ?? '');
    const search = await ui.busy(t('Looking for Claude Code…'), () => findClaude({ setting, env, platform, home }));
    if (search.ok) {
      const run: ClaudeRun = { program: search.claude.program, env, cwd: home };
      if ((await claudeVersion(run)) !== null) return run;
    }
    const choose = t('Choose the Program…');
    const guide = t('How to Install');
    const again = t('Try Again');
    const later = t('Later');
    const answer = await ui.confirm({
      kind: 'warning',
      message: t('Claude Code was not found.'),
      detail: search.ok
        ? t('{0} does not answer like Claude Code. Choose another program, or update Claude Code.', search.claude.program)
        : t(
            'It was looked for on PATH, in the usual folders and with your login shell. If it is installed, choose its program; the setting {0} then keeps it.',
            context.door.setting('claudePath'),
          ),
      actions: [choose, guide, again, later],
      decline: later,
    });
    if (answer === choose) {
      const program = await ui.chooseProgram(t('Choose the Program of Claude Code'));
      if (program) await context.settings.set('claudePath', program);
    } else if (answer === guide) await ui.open('https://code.claude.com/docs/en/setup');
    else if (answer === later) return null;
    else if (answer === undefined) return undefined;
  }
}
