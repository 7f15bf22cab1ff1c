import type { SettingName } from '../config.ts';
import { shownName } from '../config.ts';
import { messageText, type Translate } from '../messages/translate.ts';

/** Settings that are none of a call's, and so not in config.ts: where `claude` is. */
type OwnSetting = SettingName | 'claudePath';

/** What a window and a terminal call differently: where things are kept, and what the user does to change them. */
export interface Door {
  readonly kind: 'window' | 'terminal';
  /** Where the key is kept, in words. */
  readonly keyPlace: string;
  /** Where the settings are kept, in words. */
  readonly settingsPlace: string;
  setting(name: OwnSetting): string;
  /** What to look at when Kimi cannot be reached. */
  readonly networkAdvice: string;
  /** What happens to a repository that nothing was decided about. */
  readonly whenUndecided: string;
  /** Of one such repository. */
  undecided(root: string): string;
  /** What takes the connection back, and what shows whether all is well. */
  readonly undo: string;
  readonly check: string;
  /** Said when all is undone. */
  readonly removed: string;
  /** What removes the program itself, where that is a command. */
  readonly uninstall?: string;
  readonly remedies: {
    readonly key: string;
    readonly connect: string;
    /** How code of a repository is allowed to be sent that was forbidden, or about which nothing was decided. */
    readonly allow: string;
    readonly decide: string;
    /** How what nobody needs any more is removed from the state directory. */
    readonly clean: string;
    /** How a newer version is got; VS Code updates its extensions by itself. */
    readonly update?: string;
  };
}

export function windowDoor(t: Translate): Door {
  return {
    kind: 'window',
    keyPlace: t('VS Code’s secret storage'),
    settingsPlace: t('VS Code’s settings'),
    setting: (name) => `claudeKimi.${name}`,
    networkAdvice: t('Check the network. Behind a company proxy, set VS Code’s http.proxy and, for Claude Code, the variable HTTPS_PROXY.'),
    whenUndecided: t('VS Code asks when Claude first hands over work in a repository.'),
    undecided: (root) => t('VS Code asks before code of {0} is sent', root),
    undo: t('Disconnect Claude Code'),
    check: t('Check Setup'),
    removed: t('Everything is removed. You can uninstall the extension now.'),
    remedies: {
      key: t('Run the command Set API Key…'),
      connect: t('Run the command Connect Claude Code.'),
      allow: t('To allow it, run the command What Is Sent Where…'),
      decide: t('Answer when it asks, or now with the command What Is Sent Where…'),
      // Not in the repository, which VS Code's terminal opens in: there npx takes a program by that name from it.
      clean: t('Run in a terminal: {0}', 'cd ~ && npx claude-kimi-mcp clean'),
    },
  };
}

/**
 * @param file where key and settings are kept
 * @param program how this program is called there
 */
export function terminalDoor(t: Translate, file: string, program: string): Door {
  const allow = t('Run in it: {0}', `${program} setup --repositories allow`);
  const run = (words: string) => t('Run: {0}', `${program} ${words}`);
  return {
    kind: 'terminal',
    keyPlace: file,
    settingsPlace: file,
    setting: (name) => (name === 'claudePath' ? 'KIMI_CLAUDE_PATH' : shownText(shownName(name, 'file'), t)),
    networkAdvice: t('Check the network. Behind a company proxy, set the variable HTTPS_PROXY, here and where Claude Code is started.'),
    whenUndecided: t('Nothing of a repository is sent until you allow it there: {0}', `${program} setup --repositories allow`),
    undecided: (root) => t('code of {0} is not sent until you allow it', root),
    undo: `${program} setup --undo`,
    check: `${program} doctor`,
    removed: t('Everything is removed.'),
    ...(/^(npx|node) /.test(program) ? {} : { uninstall: 'npm uninstall -g claude-kimi-mcp' }),
    remedies: {
      key: run('setup'),
      connect: run('setup'),
      allow,
      decide: allow,
      clean: run('clean'),
      update: t('Run: {0}', updateOf(program)),
    },
  };
}

/** By npx, of a clone, where its program lies, or of a global installation. */
function updateOf(program: string): string {
  const [, npx] = /^(npx .*?)claude-kimi-mcp$/.exec(program) ?? [];
  if (npx !== undefined) return `${npx}-y claude-kimi-mcp@latest setup --yes`;
  if (!program.startsWith('node ')) return 'npm install -g claude-kimi-mcp@latest';
  const clone = /^node (.+)[\\/]dist[\\/]cli\.js/.exec(program)?.[1];
  return `${clone ? `cd ${clone} && ` : ''}git pull && npm install`;
}

const shownText = (name: ReturnType<typeof shownName>, t: Translate) => (typeof name === 'string' ? name : messageText(name, t));
