/** The registries of the user's own settings, without a token: what commands are told of them, and which hosts they are. */
import { readFileSync, statSync } from 'node:fs';
import { isAbsolute, join, normalize, relative } from 'node:path';
import { contains } from '../common/path-contains.ts';
import { wouldWait } from '../common/real-path.ts';
import { isOpen, withoutLogin } from './plain-addresses.ts';
import { REGISTRY_SETTINGS, REGISTRY_VARIABLES, type RegistrySettings } from './registry-settings.ts';

export interface Registry {
  /** In small letters. */
  readonly host: string;
  readonly port: number;
  /** Where the user wrote it, for people: `~/.npmrc`, `GOPROXY`. */
  readonly from: string;
}

export interface Registries {
  /** Files for the home of commands. */
  readonly files: readonly { readonly at: string; readonly text: string }[];
  readonly variables: Readonly<Record<string, string>>;
  readonly known: readonly Registry[];
}

type Environment = Readonly<Record<string, string | undefined>>;

const LARGEST = 256 * 1024;

/** Reads them anew each time: a user changes them while a server runs. */
export function readRegistries(env: Environment): Registries {
  const home = normalize(env['HOME'] ?? '');
  const found = isAbsolute(home) && home !== '/' ? REGISTRY_SETTINGS.flatMap((settings) => readSettings(settings, env, home)) : [];
  const variables = Object.fromEntries(
    REGISTRY_VARIABLES.flatMap((name) => {
      const value = withoutLogin(env[name] ?? '');
      return value && !/\p{Cc}/u.test(value) && isOpen(value) ? [[name, value]] : [];
    }),
  );
  const said = [...found.map(({ from, text }) => ({ from, text })), ...Object.entries(variables).map(([from, text]) => ({ from, text }))];
  return {
    files: found.flatMap(({ at, text }) => (at ? [{ at, text }] : [])),
    variables,
    known: said.flatMap(({ from, text }) => addresses(text, from)),
  };
}

function readSettings(settings: RegistrySettings, env: Environment, home: string): { at: string; text: string; from: string }[] {
  const { file, folder, variables = [], system = [] } = settings;
  const own = folder && isAbsolute(env[folder[0]] ?? '') ? normalize(env[folder[0]]!) : join(home, folder?.[1] ?? '');
  // Other tools find their settings in the usual place, whatever the desktop calls it.
  const shownFolder = folder?.[0] === 'XDG_CONFIG_HOME' ? join(home, folder[1]) : own;
  const named = variables.map((name) => env[name] ?? '').find(isAbsolute);
  for (const path of [named ?? join(own, file), ...system]) {
    const text = keptOf(path, settings);
    const at = join(shownFolder, file);
    if (text) return [{ at: contains(home, at) ? relative(home, at) : '', text: `${text}\n`, from: shownPath(path, home) }];
  }
  return [];
}

function keptOf(path: string, { keep }: RegistrySettings): string {
  try {
    if (wouldWait(path)) return '';
    const stat = statSync(path);
    return stat.isFile() && stat.size <= LARGEST ? keep(readFileSync(path, 'utf8')) : '';
  } catch {
    return ''; // none, or one that its own tool cannot read either
  }
}

function shownPath(path: string, home: string): string {
  return contains(home, path) ? join('~', relative(home, path)) : path;
}

function addresses(text: string, from: string): Registry[] {
  return [...text.matchAll(/\bhttps:\/\/[^\s"'<>,|;)\\]+/g)].flatMap(([address]) => {
    if (!URL.canParse(address)) return [];
    const { hostname, port } = new URL(address);
    return [{ host: hostname.toLowerCase(), port: Number(port || 443), from }];
  });
}
