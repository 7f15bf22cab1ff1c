/** Snapshots and golden files: what a program printed once, and tests compare with. A tool rewrites them unread. */
import { message } from '../../messages/message.ts';
import { blocking, note, type Rule } from './rule.ts';

const EXPECTED =
  /(^|\/)__(image_)?snapshots__\/|\.(snap|snapshot|ambr|golden|gold|(approved|verified)\.\w+|storyshot)$|(^|\/)[^/]*\.golden\.\w+$/i;

/** Folders of them, which may hold any data, and code that is none. */
const FOLDER =
  /(^|\/)(goldens?|golden[-_]?files|expected([-_](outputs?|results?))?|baselines|cassettes)\/(?!.*\.([cm]?[jt]sx?|py|go|rs|java|kt|rb|php|cs|c|cc|cpp|h)$)/;

export const expectedResults: Rule = (files, { task, isNamed }) =>
  files.flatMap((file) => {
    if (!(EXPECTED.test(file.path) || FOLDER.test(file.path)) || file.before === null) return [];
    const rewritten = file.removed.filter(({ text }) => !/^\s*(\/\/|#)/.test(text));
    if (rewritten.length === 0) return [];
    const text = message('integrity.expectedRewritten', { count: rewritten.length });
    const isAsked = /\b(?:snap(?:shot)?s?|golden)\b|快照/i.test(task) || isNamed(file.path);
    return [isAsked ? note(text, file.path) : blocking(text, file.path, file.added[0]?.line)];
  });
