import type { JournalLine } from '../../delegation/journal/journal.ts';
import { type JournalTail, tailJournal } from '../../delegation/journal/journal-tail.ts';

/** What the journal of the attempt that a page shows has told so far; each look reads on. */
export interface Story {
  read(journal: string): Promise<readonly JournalLine[]>;
}

/** @param whole also what was said in it */
export function createStory(whole = false): Story {
  let current: { readonly journal: string; readonly tail: JournalTail; readonly lines: JournalLine[] } | null = null;
  return {
    async read(journal) {
      if (current?.journal !== journal) current = { journal, tail: tailJournal(journal, whole), lines: [] };
      const story = current; // another attempt may be asked for meanwhile
      const { lines, restarted } = await story.tail.read();
      if (restarted) story.lines.length = 0;
      for (const line of lines) story.lines.push(line); // so many arguments as a long journal has lines no call takes
      return story.lines;
    },
  };
}
