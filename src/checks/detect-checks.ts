import { existsSync } from 'node:fs';
import path from 'node:path';
import { packageScripts } from '../common/package-scripts.ts';
import { readPlainFile } from '../common/read-plain-file.ts';
import { packageManager } from './package-manager.ts';

const MOST_BYTES = 8 * 2 ** 20;

/** Commands that a repository is usually tested with, from the files in its root; the first is the most telling. */
export async function detectChecks(root: string): Promise<string[]> {
  const has = (name: string) => existsSync(path.join(root, name));
  const read = (name: string) => readPlainFile(path.join(root, name), MOST_BYTES)?.toString() ?? null;
  const manager = packageManager(has);
  // `bun test` is a test runner of its own.
  const isShort = (script: string) => script === 'test' && manager !== 'bun';
  return [
    ...checkingScripts(read('package.json')).map((script) => (isShort(script) ? `${manager} test` : `${manager} run ${script}`)),
    ...(has('pytest.ini') || /\bpytest\b/.test(read('pyproject.toml') ?? '') ? ['python -m pytest -q'] : []),
    ...(has('go.mod') ? ['go test ./...'] : []),
    ...(has('Cargo.toml') ? ['cargo test'] : []),
    ...(has('pom.xml') ? ['mvn -q test'] : []),
    ...(has('gradlew') ? ['./gradlew test'] : []),
    ...(/^test:/m.test(read('Makefile') ?? '') ? ['make test'] : []),
  ];
}

/** The scripts that check something; `npm init`'s placeholder does not. */
function checkingScripts(manifest: string | null): string[] {
  const scripts = packageScripts(manifest);
  const known = ['test', 'typecheck', 'type-check', 'check', 'lint'];
  return known.filter((name) => scripts[name] !== undefined && !scripts[name].includes('no test specified'));
}
