import assert from 'node:assert/strict';
import { registerHooks } from 'node:module';

interface Played {
  readonly settings: Record<string, unknown>;
  readonly told: string[];
  /** Answers a question by one of its buttons, when it likes. */
  answer(text: string, buttons: readonly string[]): string | undefined;
  readonly commands: Map<string, () => unknown>;
}

/** As much of VS Code as asks and keeps settings. */
const VSCODE = `
export const played = { settings: {}, told: [], answer: () => undefined, commands: new Map() };
const words = (rest) => rest.filter((one) => typeof one === 'string');
const show = async (text, ...rest) => { played.told.push(text); return played.answer(text, words(rest)); };
export const l10n = { t: (text, ...args) => text.replace(/\\{(\\d)\\}/g, (_, at) => args[at]) };
export class ThemeColor {}
export const StatusBarAlignment = {}, ConfigurationTarget = {};
export const window = { showInformationMessage: show, showWarningMessage: show, createStatusBarItem: () => ({ show() {}, dispose() {} }) };
export const commands = { registerCommand: (name, run) => { played.commands.set(name, run); return { dispose() {} }; } };
export const workspace = { getConfiguration: () => ({
  get: (name, otherwise) => played.settings[name] ?? otherwise,
  inspect: (name) => ({ globalValue: played.settings[name] }),
  update: async (name, value) => { played.settings[name] = value; },
}) };
`;

describe('the question whether code may be sent', () => {
  const hooks = registerHooks({
    resolve: (name, context, next) =>
      name === 'vscode' ? { url: `data:text/javascript,${encodeURIComponent(VSCODE)}`, shortCircuit: true } : next(name, context),
  });
  after(() => hooks.deregister());

  for (const how of ['modal', 'status bar'] as const)
    it(`is about the address that it names: a yes counts for no other, and a no always (${how})`, async () => {
      const { askInStatusBar, askModal } = await import('../../../src/vscode/setup/ask-consent.ts');
      const { played } = (await import('vscode')) as unknown as { played: Played };
      const ask = () => (how === 'modal' ? askModal('/work/shop') : askInStatusBar('/work/shop', 'claude-code'));
      for (const [button, moves, expected] of [
        ['Allow for This Repository', false, 'granted'],
        ['Allow for This Repository', true, 'ask'],
        ['Allow for All', true, 'ask'],
        ['Never Here', true, 'denied'],
      ] as const) {
        Object.assign(played.settings, { baseUrl: 'https://one.example/v1', repositories: { '*': 'ask' } });
        played.answer = (text, buttons) => {
          if (!buttons.includes(button)) return undefined;
          assert.match(text, /one\.example/);
          if (moves) played.settings.baseUrl = 'https://other.example/v1';
          return button;
        };
        assert.equal(await ask(), expected, `${button} ${moves}`);
        if (expected === 'ask') assert.deepEqual(played.settings.repositories, { '*': 'ask' });
      }
    });
});
