import type * as vscode from 'vscode';
import { ifShaped, isNumber, isText, listOf, objectOf, optional } from '../kept-shape.ts';

/** A page that is open: VS Code brings back its tab after a reload, and knows nothing of it but its title. */
export interface KeptPage {
  readonly id: string;
  readonly title: string;
  /** The attempt that it shows; absent = the newest. */
  readonly attempt?: number | undefined;
}

export interface KeptPages {
  /** What a tab of the last window was about; each is given once. */
  take(title: string): KeptPage | undefined;
  /** Those that are open now; tabs that nobody has looked at yet are kept besides. */
  set(open: readonly KeptPage[]): void;
}

const KEY = 'claudeKimi.openPages';
const MOST = 30;
const isKept = listOf(objectOf<KeptPage>({ id: isText, title: isText, attempt: optional(isNumber) }));

/** Which pages are open, over a reload of the window. */
export function keptPages(memory: vscode.Memento): KeptPages {
  let waiting: readonly KeptPage[] = ifShaped(isKept, memory.get(KEY)) ?? [];
  return {
    take(title) {
      const found = waiting.find((page) => page.title === title);
      waiting = waiting.filter((page) => page !== found);
      return found;
    },
    set(open) {
      const others = waiting.filter(({ id }) => !open.some((page) => page.id === id));
      void memory.update(KEY, [...open, ...others].slice(0, MOST));
    },
  };
}
