import { chmodSync, lstatSync, mkdirSync } from 'node:fs';
import * as module from 'node:module';
import path from 'node:path';
import { stateDirectory } from './state-directory.ts';

/**
 * Stands before everything else that a program loads, and lets V8 keep what it compiles. The cache lies in the user's own state directory: a
 * shared /tmp could be poisoned by another user of the machine. It is the first thing there, so the directory is made for the user alone
 * here. One that exists is closed to others only where it is ours for certain: at its usual place, owned by the user; whoever names
 * another one with CLAUDE_KIMI_HOME decides on its mode.
 */
function keepCompiledCode(): void {
  const state = stateDirectory(process.env);
  if (!state.ok) return;
  const existed = mkdirSync(state.folder, { recursive: true, mode: 0o700 }) === undefined;
  if (existed && !(process.env.CLAUDE_KIMI_HOME || '').trim() && process.getuid) {
    const found = lstatSync(state.folder);
    if (found.isDirectory() && found.uid === process.getuid() && found.mode & 0o077) chmodSync(state.folder, found.mode & 0o700);
  }
  if (module.enableCompileCache) module.enableCompileCache(path.join(state.folder, 'cache', 'v8'));
}

try {
  keepCompiledCode();
} catch {} // a start without it is only slower
