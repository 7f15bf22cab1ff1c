import { usualStateDirectory } from '../common/usual-state-directory.ts';
import { type SettingLayer, variableLayer } from '../config.ts';
import { message } from '../messages/message.ts';
import { fileLayers } from '../setting-files.ts';
import { findWindow, lookForWindow, type SilentWindow, type WindowLayer } from './find-window.ts';
import { keptRefusals } from './kept-refusals.ts';

/** A window answers in a few ms; one whose extension host is busy gets a second chance, since without it there is no key. */
const WINDOW_MS = 300;
const PATIENCE_MS = 3000;

/** Where the settings of a repository come from. */
export interface SettingSources {
  /** Best first. */
  readonly layers: readonly SettingLayer[];
  /** The VS Code window that owns the repository (one of the layers), or null. */
  readonly window: WindowLayer | null;
  /** One that owns it and does not answer, when no other does. */
  readonly silent?: SilentWindow | null;
}

/**
 * The environment, then the VS Code window that owns the repository, then files, then what the user forbids in editors that are closed. Read again for
 * each call, so that a change counts at once.
 * @param locations.programFile a built program; in a clone of the project the `.env` beside it counts
 */
export async function settingSources(
  locations: { stateDir: string; env: Readonly<Record<string, string | undefined>>; programFile: string },
  repoPath: string,
  patienceMs = PATIENCE_MS,
): Promise<SettingSources> {
  const { stateDir, env, programFile } = locations;
  const found =
    (await findWindow(stateDir, repoPath, { timeoutMs: WINDOW_MS })) ??
    (await lookForWindow(stateDir, repoPath, { timeoutMs: patienceMs }));
  const [window, silent] = found?.consent === 'silent' ? [null, found] : [found, null];
  const elsewhere = await refusalsElsewhere(stateDir, env, repoPath, patienceMs);
  const layers = [
    variableLayer('environment', message('origin.environment'), env),
    ...(window ? [window] : []),
    ...fileLayers(stateDir, programFile),
    ...keptRefusals(stateDir),
    ...elsewhere.layers,
  ];
  return { layers, window, silent: silent ?? elsewhere.silent };
}

/**
 * What the user forbids in an editor whose state lies in the usual place while ours does not: a variable for terminals is none for a desktop's VS Code.
 * It gives nothing, as whoever has a state of its own shall be apart.
 */
export async function refusalsElsewhere(
  stateDir: string,
  env: Readonly<Record<string, string | undefined>>,
  repoPath: string,
  timeoutMs: number,
): Promise<{ readonly layers: readonly SettingLayer[]; readonly silent: SilentWindow | null }> {
  const usual = usualStateDirectory(env, stateDir);
  if (usual === null) return { layers: [], silent: null };
  const kept = keptRefusals(usual);
  const found = await lookForWindow(usual, repoPath, { timeoutMs: Math.max(timeoutMs, WINDOW_MS) });
  if (found === null) return { layers: kept, silent: null };
  if (found.consent === 'silent') return { layers: kept, silent: found };
  const { label, consent, values } = found;
  const { neverSend, protectedBranches } = values;
  const forbids = Array.isArray(neverSend) ? neverSend.filter((one) => !String(one).startsWith('!')) : neverSend;
  const refuses = consent === 'denied' ? { repositories: { [repoPath]: 'deny' } } : {};
  return { layers: [{ source: 'window', label, values: { neverSend: forbids, protectedBranches, ...refuses } }, ...kept], silent: null };
}
