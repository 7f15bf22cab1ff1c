import path from 'node:path';
import { packageScripts } from '../common/package-scripts.ts';
import { readPlainFile } from '../common/read-plain-file.ts';

/** Lock files are long. */
const MOST_BYTES = 64 * 2 ** 20;

/** Commands that a repository is usually tested with, from the files in its root; the first is the most telling. */
export async function detectChecks(root: string): Promise<string[]> {
  const read = (name: string) => readPlainFile(path.join(root, name), MOST_BYTES)?.toString() ?? null;
  const [manifest, yarn, pnpm, go, cargo, pyproject, pytest, makefile, maven, gradle] = [
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
  ].map(read);
  const runner = pnpm != null ? 'pnpm' : yarn != null ? 'yarn' : 'npm';
  return [
    ...checkingScripts(manifest ?? null).map((script) => (script === 'test' ? `${runner} test` : `${runner} run ${script}`)),
    ...(pytest != null || /\bpytest\b/.test(pyproject ?? '') ? ['python -m pytest -q'] : []),
    ...(go != null ? ['go test ./...'] : []),
    ...(cargo != null ? ['cargo test'] : []),
    ...(maven != null ? ['mvn -q test'] : []),
    ...(gradle != null ? ['./gradlew test'] : []),
    ...(/^test:/m.test(makefile ?? '') ? ['make test'] : []),
  ];
}

/** The scripts that check something; `npm init`'s placeholder does not. */
function checkingScripts(manifest: string | null): string[] {
  const scripts = packageScripts(manifest);
  const known = ['test', 'typecheck', 'type-check', 'check', 'lint'];
  return known.filter((name) => scripts[name] !== undefined && !scripts[name].includes('no test specified'));
}
