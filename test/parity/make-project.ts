/** A project as its user has it: files, packages and caches by the real tools. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import type { Project } from './projects.ts';
import { startRegistry } from './registry.ts';

export interface Place {
  readonly folder: string;
  /** A home of its own, where caches grow. */
  readonly home: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Whether its tools are on this machine. */
export function canMake({ needs }: Project, env: Place['env']): boolean {
  return needs.every((program) => succeeds(`command -v ${program}`, env));
}

/** Its packages are out of reach. */
export class NotReached extends Error {}

/** Writes the files or checks the repository out, installs what it needs, and commits the files. */
export async function makeProject(project: Project, place: Place): Promise<void> {
  const { folder } = place;
  for (const [file, content] of Object.entries(project.files)) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), content);
  }
  const git = 'git -c "safe.directory=*"';
  if (project.repository !== undefined) {
    const from = `'${project.repository.replaceAll("'", "'\\''")}'`;
    await shell(`${git} fetch -q --tags --update-shallow ${from} HEAD && ${git} reset -q --hard FETCH_HEAD`, place);
  }
  if (project.install.length > 0) await install(project, place);
  if (project.repository === undefined)
    await shell(`${git} add -A && ${git} -c user.name=Ann -c user.email=ann@example.org commit -qm Begin`, place);
  chmodSync(folder, 0o755);
}

async function install(project: Project, place: Place): Promise<void> {
  const registry = await startRegistry();
  try {
    for (const command of project.install) await shell(command, { ...place, env: { ...place.env, ...registry.env } });
  } catch (error) {
    throw project.from === undefined ? error : new NotReached(`${project.from} out of reach`, { cause: error });
  } finally {
    await registry.close();
  }
}

/** With the settings of whoever runs this, for mirrors and certificates; what is downloaded goes to the other home. */
async function shell(command: string, { folder, home, env }: Place): Promise<void> {
  const options = { cwd: folder, env: { ...process.env, ...ownSettings(), ...env, HOME: home }, timeout: 600_000 };
  const child = spawn('/bin/sh', ['-c', `exec 2>&1; ${command}`], { ...options, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  const said = await text(child.stdout);
  const [status] = await ended;
  if (status !== 0) throw new Error(`\`${command}\` ended with ${status}\n${said}`);
}

/** Files of the real home that tools read their mirrors from. */
function ownSettings(): Record<string, string> {
  const files = { PIP_CONFIG_FILE: '.config/pip/pip.conf', npm_config_userconfig: '.npmrc' };
  const found = Object.entries(files).map(([name, file]) => [name, path.join(os.homedir(), file)] as const);
  return Object.fromEntries(found.filter(([, file]) => existsSync(file)));
}

function succeeds(command: string, env: Place['env']): boolean {
  try {
    execFileSync('/bin/sh', ['-c', command], { env, stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
