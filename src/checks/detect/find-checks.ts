/** The checks of a task that names none: commands in its text, and what the files of the repository tell of. */
import { posix } from 'node:path';
import { foldersUpwards } from '../../common/folders-upwards.ts';
import { CHECK_KINDS, type FoundCheck } from '../types.ts';
import { DETECTORS } from './detectors.ts';
import { isWhole, namedCommands } from './named-commands.ts';
import { type Detected, type Installed, type Listing, manifestsIn, type Project, project } from './project.ts';

/** The repository at the commit that the work begins with. */
export interface Looked {
  readonly files: Listing;
  /** Where commands begin, relative to the root. */
  readonly folder: string;
  /** The files that the task is about, the most important first. */
  readonly named: readonly string[];
}

export interface Found {
  /** Tests first, then types, then lint. */
  readonly checks: readonly FoundCheck[];
  /** Whether the task named one of them. */
  readonly inTask: boolean;
  /** Where none is: the manifests that tell of none. */
  readonly silent: readonly string[];
}

const MOST_CHECKS = 3;
const MOST_PACKAGES = 4;
/** Each of these may hold a project of its own; more named files are not followed. */
const MOST_NAMED = 8;

/** Folders whose projects count: those of named files first, then the one where commands begin and those around it. */
function placesOf({ files, folder, named }: Looked): { readonly near: readonly string[][]; readonly around: readonly string[] } {
  const nearest = named.slice(0, MOST_NAMED).map((path) => {
    const at = foldersUpwards(posix.dirname(path) === '.' ? '' : posix.dirname(path));
    return at.filter((one) => one !== '' && !foldersUpwards(folder).includes(one) && manifestsIn(files, one).length > 0);
  });
  const distinct = new Map(nearest.filter((chain) => chain.length > 0).map((chain) => [chain[0]!, chain]));
  return { near: [...distinct.values()].slice(0, MOST_PACKAGES), around: foldersUpwards(folder) };
}

/** The files whose texts `findChecks` wants to see. */
export function manifestsToRead(looked: Looked): string[] {
  const { near, around } = placesOf(looked);
  return [...new Set([...near.flat(), ...around].flatMap((folder) => manifestsIn(looked.files, folder)))];
}

/** Nothing is known of the machine: what the files ask for is taken to be there. */
const UNKNOWN: Installed = { pythonIn: () => null, hasProgram: () => true };

/** @param texts of `manifestsToRead` */
export function findChecks(
  task: string,
  looked: Looked,
  texts: Pick<ReadonlyMap<string, string>, 'get'>,
  installed: Installed = UNKNOWN,
): Found {
  const { files, folder } = looked;
  const { near, around } = placesOf(looked);
  const seen = new Map<string, Project>();
  const at = (place: string) => {
    const known = seen.get(place) ?? project(foldersUpwards(place), files, texts, installed);
    seen.set(place, known);
    return known;
  };
  const known = new Map<string, readonly Covering[]>();
  const detectedIn = (place: string) => {
    const all = known.get(place) ?? DETECTORS.flatMap(({ find, endings }) => find(at(place)).map((one) => ({ ...one, endings })));
    known.set(place, all);
    return all;
  };
  const named = namedCommands(task, at(folder), (sub) => at(posix.join(folder, sub)));
  const detected = CHECK_KINDS.flatMap((kind) => {
    const of = (place: string) => ofKind(detectedIn(place), kind).map((one) => asFound(one, place, folder));
    const first = (chain: readonly string[]) => chain.map(of).find((list) => list.length > 0) ?? [];
    const ofPackages = near.map(first);
    // Where a named file lies in no package that has such a check, those around it have.
    return ofPackages.length > 0 && ofPackages.every((list) => list.length > 0)
      ? ofPackages.flat()
      : [...ofPackages.flat(), ...first(around)];
  });
  const checks = merged(named, detected);
  return {
    checks,
    inTask: checks.some((check) => check.inTask),
    silent: checks.length > 0 ? [] : [...near.flat(), ...around].flatMap((place) => manifestsIn(files, place)),
  };
}

type Covering = Detected & Pick<FoundCheck, 'endings'>;

function ofKind(detected: readonly Covering[], kind: FoundCheck['kind']): Covering[] {
  const found = detected.filter((one) => one.kind === kind);
  const sure = found.filter(({ isFallback }) => !isFallback);
  return sure.length > 0 ? sure : found.slice(0, 1);
}

/** A command of another folder goes there first; the manager of a workspace finds out by itself which package that is. */
function asFound({ kind, command, file, endings }: Covering, place: string, folder: string): FoundCheck {
  const relative = posix.relative(folder, place);
  const way = relative.startsWith('-') ? `./${relative}` : relative;
  const isPlain = /^[\w./@+-]*$/.test(way);
  const there = way === '' ? command : `cd ${isPlain ? way : `'${way.replaceAll("'", "'\\''")}'`} && ${command}`;
  return { kind, command: there, file: posix.join(place, file), folder: place, ...(endings && { endings }) };
}

/**
 * What the task names comes first. A part of the tests (one file, one name) shows nothing of the others, so the tests that were found run
 * besides.
 */
function merged(named: readonly FoundCheck[], detected: readonly FoundCheck[]): FoundCheck[] {
  const isTested = named.some(({ kind, command }) => kind === 'test' && isWhole(command));
  const files = new Map(detected.map((one) => [one.command, one]));
  const own = named.map((one) => ({ ...(files.get(one.command) ?? one), inTask: true as const }));
  const rest = detected.filter(({ kind, command }) => !own.some((one) => one.command === command) && !(kind === 'test' && isTested));
  const all = CHECK_KINDS.flatMap((kind) => [...own, ...rest].filter((one) => one.kind === kind));
  return all.slice(0, MOST_CHECKS);
}
