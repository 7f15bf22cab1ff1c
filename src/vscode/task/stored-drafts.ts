import type * as vscode from 'vscode';
import { ifShaped, isText, listOf, tupleOf } from '../kept-shape.ts';

/** Texts that were left before work came of them, by what they were for: the new task, or the feedback on a delegation. */
export interface Drafts {
  get(key: string): string | undefined;
  set(key: string, text: string): void;
  /** Puts it behind what is there, once. */
  add(key: string, text: string): void;
  delete(key: string): void;
}

const KEY = 'claudeKimi.drafts';
/** What was written for delegations that are long over goes first. */
const MOST = 50;
const isStored = listOf(tupleOf<[string, string]>(isText, isText));

/** They survive a reload of the window, as a text may be the work of half an hour. */
export function storedDrafts(memory: vscode.Memento): Drafts {
  const drafts = new Map(ifShaped(isStored, memory.get(KEY)) ?? []);
  const save = () => void memory.update(KEY, [...drafts].slice(-MOST));
  const set = (key: string, text: string) => {
    drafts.delete(key);
    drafts.set(key, text);
    save();
  };
  return {
    get: (key) => drafts.get(key),
    set,
    add(key, text) {
      const before = drafts.get(key) ?? '';
      if (!before.includes(text)) set(key, [before, text].filter(Boolean).join('\n\n'));
    },
    delete(key) {
      if (drafts.delete(key)) save();
    },
  };
}
