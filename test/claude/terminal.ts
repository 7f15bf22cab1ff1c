import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { until } from '../until.ts';
import type { ClaudeWorld } from './claude-world.ts';

/** Claude Code in a terminal of its own (tmux), with somebody at the keys. */
export interface Terminal {
  /** What is on the screen now. */
  screen(): string;
  /** Waits until the screen shows it. @returns the screen */
  shows(text: RegExp): Promise<string>;
  /** Types a line and sends it. */
  say(line: string): Promise<void>;
  /** Presses keys by tmux's names, such as `Escape` or `C-c`. */
  press(...keys: string[]): void;
  /** Whether Claude Code still runs. */
  lives(): boolean;
  close(): void;
}

export function openTerminal(world: ClaudeWorld): Terminal {
  const socket = `kimi-${randomBytes(4).toString('hex')}`;
  const tmux = (...words: string[]) =>
    execFileSync('tmux', ['-L', socket, '-f', '/dev/null', ...words], {
      encoding: 'utf8',
      env: { ...world.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  tmux('new-session', '-d', '-s', 'claude', '-x', '140', '-y', '45', '-c', world.repo, world.run.program);
  const lives = () => {
    try {
      return tmux('list-sessions').includes('claude');
    } catch {
      return false;
    }
  };
  const screen = () => (lives() ? tmux('capture-pane', '-p', '-t', 'claude') : '');
  const shows = async (text: RegExp) => {
    let now = '';
    const look = () => {
      now = screen();
      return text.test(now) && now;
    };
    return until(`${text} on the screen`, look).catch((error: Error) => {
      throw new Error(`${error.message}, but:\n${now}`);
    });
  };
  return {
    screen,
    shows,
    async say(line) {
      await shows(/❯/);
      tmux('send-keys', '-t', 'claude', '-l', line);
      await shows(new RegExp(line.slice(0, 20).replace(/[.*+?^${}()|[\]\\]/g, '\\$&')));
      tmux('send-keys', '-t', 'claude', 'Enter');
    },
    press: (...keys) => void tmux('send-keys', '-t', 'claude', ...keys),
    lives,
    close() {
      if (lives()) tmux('kill-server');
    },
  };
}
