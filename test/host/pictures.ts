import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Pictures of a run, outside git: no two runs draw the same bytes. */
export const PICTURES = path.join(ROOT, '.cache', 'screenshots');

/** Where the pictures of the tests go; those in git are replaced only when somebody asks for it, by UPDATE_SCREENSHOTS=1. */
export function screenshotFolder(env: NodeJS.ProcessEnv = process.env): string {
  return env['UPDATE_SCREENSHOTS'] === '1' ? path.join(ROOT, 'media', 'screenshots') : PICTURES;
}
