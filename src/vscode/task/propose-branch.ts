import { firstLine } from '../../common/first-line.ts';
import type { TaskKind } from '../../common/task-kind.ts';

const PREFIX: Readonly<Record<TaskKind, string>> = { feature: 'feature', tests: 'tests', bug: 'fix' };
const SMALL_WORDS = new Set(
  'a an the to in on of for and or with that this please so is are be it its we i add implement write fix bug test tests'.split(' '),
);

/** A branch name out of the first words of the task: `feature/rate-limiting-login`. Any script is fine; git takes it. */
export function proposeBranch(kind: TaskKind, task: string, isTaken: (name: string) => boolean): string {
  const words =
    firstLine(task)
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? [];
  const telling = words.filter((word) => !SMALL_WORDS.has(word));
  let name = '';
  for (const word of telling.length > 0 ? telling : words) {
    const longer = name ? `${name}-${word}` : [...word].slice(0, 30).join('');
    if (name && ([...longer].length > 24 || name.split('-').length >= 4)) break;
    name = longer;
  }
  const first = `${PREFIX[kind]}/${name || 'task'}`;
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? first : `${first}-${number}`;
    if (!isTaken(candidate)) return candidate;
  }
}
