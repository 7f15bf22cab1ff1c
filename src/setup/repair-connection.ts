import { existsSync } from 'node:fs';
import path from 'node:path';
import { claudeFiles } from '../claude/claude-files.ts';
import { findClaude } from '../claude/find-claude.ts';
import { connect, readRegistered, type ServerCommand } from '../claude/registration.ts';
import { readRecord, updateRecord } from '../claude/setup-record.ts';
import { chooseRuntime } from '../launcher/choose-runtime.ts';
import { installLauncher, launchCommand, startsLauncher } from '../launcher/install-launcher.ts';
import { say } from '../messages/message.ts';
import type { SetupContext } from './setup-context.ts';

/**
 * At the start of a window: makes the launcher ready for this version, if Claude Code is connected, and puts the registration right, if it
 * names something of ours that is gone. What can start, or is none of ours, was written by the user since, with variables and a key of theirs, and
 * stays: a drive may be away, a file not made yet. A registration that is gone was removed by the user (claude mcp remove) and stays gone. Who never connected, or removed everything, gets nothing. Tells
 * only what could not be mended.
 */
export async function repairConnection(context: SetupContext): Promise<void> {
  const { t, stateDir } = context;
  const { connected } = readRecord(stateDir);
  const files = claudeFiles(context.env, context.home);
  const { user, problems } = readRegistered(files, []);
  if (!connected && !startsLauncher(user, context)) return;
  const runtime = await chooseRuntime(context.env, context.runtime, context.platform);
  installLauncher({ ...context, runtime });
  if (!connected || problems.length > 0) return;
  if (connected.place) return;
  if (user === null) return updateRecord(context.stateDir, { connected: null });
  if (canStart(user) || !isOfOurs(user)) return;
  const wanted = launchCommand(stateDir, context.platform, runtime);
  const expected = { ...wanted, env: { ...user.env, ...wanted.env } };
  const setting = String(context.settings.get('claudePath') ?? '');
  const search = await findClaude({ setting, env: context.env, platform: context.platform, home: context.home });
  const done = search.ok ? await connect({ program: search.claude.program, env: context.env, cwd: context.home }, files, expected) : search;
  context.log(
    done.ok
      ? 'The registration with Claude Code was put right.'
      : `The registration with Claude Code could not be put right: ${say(done.reason, 'en')}`,
  );
  if (!done.ok)
    void context.ui.notify(
      'warning',
      t('Claude Code has lost its connection to Kimi Delegate. Connect it again with the command Connect Claude Code.'),
    );
}

/** A name without a folder is looked for by Claude Code itself, and a word that is no path says nothing. */
const canStart = ({ command, args }: ServerCommand) => [command, ...args].every((word) => !path.isAbsolute(word) || existsSync(word));

/** As this program has registered itself, now or earlier: the launcher, or a runtime with one script of ours. */
const isOfOurs = ({ command, args: [script, ...more] }: ServerCommand) =>
  script === undefined
    ? path.basename(command) === 'kimi-agent'
    : more.length === 0 && /^(launch|server)\.cjs$/.test(path.basename(script));
