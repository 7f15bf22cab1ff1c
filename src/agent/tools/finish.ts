import { z } from 'zod';
import { cutText } from '../../common/cut-text.ts';
import { firstLine } from '../../common/first-line.ts';
import type { ToolResult } from '../types.ts';
import { defineTool } from './define-tool.ts';
import { filledText, optionalText } from './lenient-arguments.ts';

const LONGEST_SUMMARY = 4_000;
const LONGEST_MESSAGE = 2_000;

const schema = z.object({ summary: filledText, commit_message: optionalText });
type Args = z.infer<typeof schema>;

export const finish = defineTool<Args>({
  name: 'finish',
  description: 'End the work when it is done and checked, or you cannot go on.',
  parameters: {
    type: 'object',
    properties: {
      summary: {
        type: 'string',
        description:
          'At most 80 words in the language of the task: why it is right, what callers may notice, what is open; not what you ran',
      },
      commit_message: { type: 'string', description: 'In the imperative, first line at most 72 characters' },
    },
    required: ['summary', 'commit_message'],
  },
  effect: 'finish',
  schema,
  aliases: { summary: ['result', 'message', 'answer', 'report', 'text'], commit_message: ['commit', 'commitmsg', 'title'] },
  example: '{"summary": "An empty line ended the loop; now it is skipped.", "commit_message": "Fix empty lines in the parser"}',
  title: (args) => firstLine(args.commit_message ?? '') || 'done',
  run: async (args) => end(args),
});

function end(args: Args): ToolResult {
  const summary = cutText(clean(args.summary), LONGEST_SUMMARY);
  const message = cutText(clean(args.commit_message ?? ''), LONGEST_MESSAGE);
  return { ok: true, text: 'Finished.', summary: 'finished', finish: { summary, commitMessage: message === '' ? null : message } };
}

/** Terminal escapes and other control characters have no business in a report or a commit. */
function clean(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '')
    .trim();
}
