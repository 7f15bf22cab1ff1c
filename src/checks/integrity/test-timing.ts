/** Tests that wait for a while, or compare with the clock: they fail on a slow day. */
import { message } from '../../messages/message.ts';
import { ASSERTION, isTestPath } from '../test-files.ts';
import { quote } from './changed-text.ts';
import { note, type Rule } from './rule.ts';

const WAITS =
  /\b(?:time\.sleep|asyncio\.sleep|Thread\.sleep|thread::sleep|time\.Sleep|Task\.Delay|usleep|sleep|sleepMs|delay|wait)\(\s*(?:Duration::\w+\()?\d|\bsetTimeout\([^)]*,\s*\d{1,6}\s*\)|\btime\.Sleep\(|\bwaitForTimeout\(\s*\d|^\s*sleep\s+[\d.]+\s*$/;
const CLOCK = /\bDate\.now\(|\bperformance\.now\(|\btime\.time\(|\btime\.Since\(|\.elapsed\(|System\.currentTimeMillis/;

export const testTiming: Rule = (files) =>
  files.flatMap((file) => {
    if (!isTestPath(file.path) || file.after === null) return [];
    const found = file.added.find(({ text }) => WAITS.test(text) || (CLOCK.test(text) && ASSERTION.test(text)));
    return found ? [note(message('integrity.timing', { line: quote(found.text) }), file.path, found.line)] : [];
  });
