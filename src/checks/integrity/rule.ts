import type { Message } from '../../messages/message.ts';
import type { ChangedText } from './changed-text.ts';

/** Something that a reviewer must know of a change. */
export interface Finding {
  readonly level: 'blocking' | 'note';
  readonly text: Message;
  readonly place: { readonly file: string; readonly line?: number | undefined };
}

/** What the caller asked for, as far as it excuses something. */
export interface Asked {
  readonly task: string;
  /** Whether the task or the scope names this very file, or the folder that it is known by. */
  isNamed(path: string): boolean;
}

export type Rule = (files: readonly ChangedText[], asked: Asked) => Iterable<Finding>;

export const blocking = (text: Message, file: string, line?: number): Finding => ({ level: 'blocking', text, place: { file, line } });
export const note = (text: Message, file: string, line?: number): Finding => ({ level: 'note', text, place: { file, line } });
