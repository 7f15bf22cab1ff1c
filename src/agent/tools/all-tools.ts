/** The tools that Kimi may call. Their order is part of the fixed head of every request: changing it costs the provider's cache. */
import type { Tool } from '../types.ts';
import { editFile } from './edit-file.ts';
import { finish } from './finish.ts';
import { listFiles } from './list-files.ts';
import { readFile } from './read-file.ts';
import { runCommand } from './run-command.ts';
import { search } from './search.ts';
import { writeFile } from './write-file.ts';

export const tools: readonly Tool[] = [readFile, writeFile, editFile, listFiles, search, runCommand, finish];
