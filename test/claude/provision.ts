import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { arch, platform } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The version that the tests were written against; another one may speak otherwise. */
export const CLAUDE_VERSION = '2.1.330';

const REPOSITORY = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

/**
 * Makes the real Claude Code available for tests, once for each version, under `.cache/claude/` (git-ignored). Built in a folder of its own
 * and renamed at the end, so that a killed run leaves nothing half done.
 * @returns the absolute path of its program
 * @throws Error that says what to do
 */
export async function provisionClaude(log: (line: string) => void = () => {}): Promise<string> {
  const folder = path.join(REPOSITORY, '.cache', 'claude', CLAUDE_VERSION);
  const program = path.join(
    folder,
    'node_modules',
    '@anthropic-ai',
    `claude-code-${platform()}-${arch()}`,
    platform() === 'win32' ? 'claude.exe' : 'claude',
  );
  if (existsSync(program)) return program;
  log(`Installing Claude Code ${CLAUDE_VERSION} for tests, once (370 MB)...`);
  const temp = `${folder}.${process.pid}`;
  await mkdir(temp, { recursive: true });
  try {
    await writeFile(path.join(temp, 'package.json'), '{"private": true}\n');
    await npm(
      temp,
      'install',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
      `@anthropic-ai/claude-code@${CLAUDE_VERSION}`,
    );
    await rename(temp, folder).catch(async (error: unknown) => {
      if (!existsSync(program)) throw error; // else another run was faster
    });
  } finally {
    await rm(temp, { recursive: true, force: true });
  }
  if (!existsSync(program))
    throw new Error(
      `@anthropic-ai/claude-code ${CLAUDE_VERSION} brings no program for ${platform()} ${arch()}; run these tests elsewhere.`,
    );
  return program;
}

function npm(cwd: string, ...words: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('npm', words, { cwd, stdio: ['ignore', 'ignore', 'pipe'], shell: platform() === 'win32' });
    let errors = '';
    child.stderr.on('data', (chunk) => {
      errors = `${errors}${chunk}`.slice(-4000);
    });
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`npm ${words[0]} failed (${code}). Check the network and the npm registry.\n${errors}`)),
    );
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(await provisionClaude((line) => console.error(line)));
