import { existsSync } from 'node:fs';
import { join } from 'node:path';

interface Installer {
  /** The first of these files that a folder has decides. */
  readonly file: string;
  readonly command: string;
  /** Where it puts what it installs; there = it has been run. null = in a place that other projects share. */
  readonly into: string | null;
}

/** By what is most exact: a lock before a manifest. */
const INSTALLERS: readonly (readonly Installer[])[] = [
  [
    { file: 'pnpm-lock.yaml', command: 'pnpm install --frozen-lockfile', into: 'node_modules' },
    { file: 'yarn.lock', command: 'yarn install', into: 'node_modules' },
    { file: 'bun.lock', command: 'bun install', into: 'node_modules' },
    { file: 'bun.lockb', command: 'bun install', into: 'node_modules' },
    { file: 'package-lock.json', command: 'npm ci', into: 'node_modules' },
    { file: 'npm-shrinkwrap.json', command: 'npm ci', into: 'node_modules' },
    { file: 'package.json', command: 'npm install', into: 'node_modules' },
  ],
  [
    { file: 'uv.lock', command: 'uv sync', into: '.venv' },
    { file: 'poetry.lock', command: 'poetry install', into: null },
    { file: 'pdm.lock', command: 'pdm install', into: '.venv' },
    { file: 'Pipfile', command: 'pipenv install --dev', into: null },
    { file: 'requirements-dev.txt', command: 'pip install -r requirements-dev.txt', into: null },
    { file: 'requirements.txt', command: 'pip install -r requirements.txt', into: null },
    { file: 'pyproject.toml', command: 'pip install -e .', into: null },
    { file: 'setup.py', command: 'pip install -e .', into: null },
  ],
  [{ file: 'Gemfile', command: 'bundle install', into: null }],
  [{ file: 'composer.json', command: 'composer install', into: 'vendor' }],
  [{ file: 'go.mod', command: 'go mod download', into: null }],
  [{ file: 'Cargo.toml', command: 'cargo fetch', into: null }],
  [{ file: 'pom.xml', command: 'mvn dependency:go-offline', into: null }],
  [{ file: 'mix.exs', command: 'mix deps.get', into: 'deps' }],
];

/** What installs the dependencies of the project in a folder: at most one command for each kind of project that lies there. */
export function installCommands(folder: string): { readonly command: string; readonly isDone: boolean }[] {
  return INSTALLERS.flatMap((ways) => {
    const way = ways.find(({ file }) => existsSync(join(folder, file)));
    return way ? [{ command: way.command, isDone: way.into !== null && existsSync(join(folder, way.into)) }] : [];
  });
}
