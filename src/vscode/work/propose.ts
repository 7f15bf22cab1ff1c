import { readFile } from 'node:fs/promises';
import path from 'node:path';
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

/** Commands that a repository is usually tested with, from the files in its root; the first is the most telling. */
export async function proposeChecks(root: string): Promise<string[]> {
  const read = (name: string) => readFile(path.join(root, name), 'utf8').catch(() => null);
  const [manifest, yarn, pnpm, go, cargo, pyproject, pytest, makefile, maven, gradle] = await Promise.all(
    [
      'package.json',
      'yarn.lock',
      'pnpm-lock.yaml',
      'go.mod',
      'Cargo.toml',
      'pyproject.toml',
      'pytest.ini',
      'Makefile',
      'pom.xml',
      'gradlew',
    ].map(read),
  );
  const runner = pnpm != null ? 'pnpm' : yarn != null ? 'yarn' : 'npm';
  return [
    ...scriptsOf(manifest ?? null).map((script) => (script === 'test' ? `${runner} test` : `${runner} run ${script}`)),
    ...(pytest != null || /\bpytest\b/.test(pyproject ?? '') ? ['python -m pytest -q'] : []),
    ...(go != null ? ['go test ./...'] : []),
    ...(cargo != null ? ['cargo test'] : []),
    ...(maven != null ? ['mvn -q test'] : []),
    ...(gradle != null ? ['./gradlew test'] : []),
    ...(/^test:/m.test(makefile ?? '') ? ['make test'] : []),
  ];
}

/** The scripts that check something; `npm init`'s placeholder does not. */
function scriptsOf(manifest: string | null): string[] {
  try {
    const scripts: unknown = JSON.parse(manifest ?? '{}').scripts;
    if (typeof scripts !== 'object' || scripts === null) return [];
    const known = ['test', 'typecheck', 'type-check', 'check', 'lint'];
    const text = (name: string) => (scripts as Record<string, unknown>)[name];
    return known.filter((name) => typeof text(name) === 'string' && !String(text(name)).includes('no test specified'));
  } catch {
    return [];
  }
}
