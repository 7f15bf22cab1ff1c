/** What brings a thing that no command of ours can install, because it comes from hosts that are out of reach or lies outside the project. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Missing } from './find-missing.ts';
import { programInstall } from './program-packages.ts';

interface Remedy {
  readonly install: string;
  readonly folder: string;
}

/** Versions as the output names them, which a user will run: plain characters only. */
const VERSIONS: readonly (readonly [RegExp, (version: string, tool: string) => string])[] = [
  [
    /\b(?<tool>pyenv|rbenv|nodenv|goenv): version [`'‘](?<version>\w[\w.+-]*)['’] is not installed/,
    (version, tool) => `${tool} install ${version}`,
  ],
  [/^error: toolchain '(?<version>\w[\w.+-]*)' is not installed/, (version) => `rustup toolchain install ${version}`],
  [/^error: rustup could not choose a version of \w+ to run/, () => 'rustup default stable'],
  [/\bthe `(?<version>\w[\w.-]*)` target may not be installed/, (version) => `rustup target add ${version}`],
  [/corepack/, () => 'corepack install'],
  [/^N\/A: version "v?(?<version>\w[\w.+-]*)" is not yet installed/, (version) => `nvm install ${version}`],
  [/^No (?:preset )?version (?:is set|installed) for command/, () => 'asdf install'],
];

/** @param folders of the user's checkout: its root, and the one that the checks ran in */
export function outsideRemedy({ what, name }: Missing, folders: readonly string[]): Remedy | null {
  const folder = folders.at(-1);
  if (folder === undefined) return null;
  if (what === 'program') {
    const install = programInstall(name);
    return install === null ? null : { install, folder };
  }
  if (what === 'package' && name === 'Hex') return { install: 'mix local.hex --force', folder };
  if (what === 'browser') return { install: browserCommand(name, folders), folder };
  if (what === 'version') {
    for (const [pattern, command] of VERSIONS) {
      const { version = '', tool = '' } = pattern.exec(name)?.groups ?? {};
      if (pattern.test(name)) return { install: command(version, tool), folder };
    }
  }
  return what === 'package' && name.includes(':') ? gradleRun(folders) : null;
}

/** Playwright speaks of files, in small letters; Puppeteer of names. */
function browserCommand(name: string, folders: readonly string[]): string {
  if (/^[A-Z]/.test(name)) return `npx puppeteer browsers install ${name.toLowerCase()}`;
  const isNode = folders.some((folder) => existsSync(join(folder, 'package.json')));
  return `${isNode ? 'npx ' : ''}playwright install ${name}`;
}

/** Gradle downloads what it tests with when it tests: it has no command that only downloads. */
function gradleRun(folders: readonly string[]): Remedy | null {
  const isThere = (folder: string, ...names: readonly string[]) => names.some((name) => existsSync(join(folder, name)));
  const folder = folders.find((one) => isThere(one, 'build.gradle', 'build.gradle.kts', 'settings.gradle', 'settings.gradle.kts'));
  return folder === undefined ? null : { install: isThere(folder, 'gradlew') ? './gradlew test' : 'gradle test', folder };
}
