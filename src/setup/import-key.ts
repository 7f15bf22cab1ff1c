import path from 'node:path';
import { decisionsIn, type Repositories, strictestOf } from '../broker/consent.ts';
import { claudeFiles, readText } from '../claude/claude-files.ts';
import { readRegistered, type ServerCommand } from '../claude/registration.ts';
import { cutText } from '../common/cut-text.ts';
import { contains } from '../common/path-contains.ts';
import { realPathOf } from '../common/real-path.ts';
import { resolveSettings, SETTING_NAMES, type SettingName, shownName, variableLayer } from '../config.ts';
import { ErrorWithReason } from '../messages/error-with-reason.ts';
import { hostOf } from './endpoint.ts';
import { readVariables, type Variables } from './env-text.ts';
import { FOLDER_SETTINGS, isWindowSetting } from './setting-scopes.ts';
import type { SetupContext } from './setup-context.ts';

/** Key and settings that an earlier installation left somewhere. */
interface Find {
  readonly file: string;
  readonly variables: Variables;
  /** A `.env` is adopted with its comments and with lines that we do not know. */
  readonly text: string | null;
  /** Whether a repository may have brought it, or led here. */
  readonly isBrought?: boolean;
}

/**
 * Who used the program before keeps the key: in a `.env`, or in the registration with Claude Code (`--env KIMI_API_KEY=...`), from where it
 * gets into command lines. It is moved to where it belongs, when the user agrees.
 * @returns the key; null when there is none that the user wants, undefined when the user left
 */
export async function importKey(context: SetupContext): Promise<string | null | undefined> {
  const { ui, t, door } = context;
  for (const found of [...registeredKeys(context), ...keyFiles(context)].flatMap((one) => ownPart(context, one))) {
    const take = t('Take It Over');
    const decline = t('No');
    const answer = await ui.confirm({
      // Where nobody is asked, nothing that a repository brought is taken.
      kind: found.isBrought ? 'warning' : 'info',
      message: t('A key of Kimi was found in {0}. Shall it be kept in {1} from now on?', found.file, door.keyPlace),
      detail: [
        ...shownVariables(found.variables, takenNames(context, found)),
        ...(found.variables.KIMI_BASE_URL
          ? [t('The code that Kimi works on then goes to {0}.', inOneLine(hostOf(found.variables.KIMI_BASE_URL)))]
          : []),
        '',
        found.text === null
          ? t('Claude Code gets a new entry without the key in the next steps.')
          : t('{0} itself stays as it is.', found.file),
      ].join('\n'),
      actions: [take],
      decline,
    });
    if (answer === undefined) return undefined;
    if (answer !== take) continue;
    await takeOver(context, found);
    return found.variables.KIMI_API_KEY!.trim();
  }
  return null;
}

/** Beside the key and the address that it is for, what a trusted folder may set for itself, without what it may only add to. */
const MAY_BE_BROUGHT: ReadonlySet<string> = new Set(
  (['apiKey', 'baseUrl', ...FOLDER_SETTINGS] as const)
    .filter((name) => !['neverSend', 'protectedBranches', 'includeIgnored'].includes(name))
    .map((name) => String(shownName(name, 'file'))),
);

/**
 * What lies in an open folder, or where the terminal happens to be, a repository may have brought along: no wall, no host and no money is its to
 * set, and where nobody trusts the folder nothing is taken from it. Nor is a value that the question cannot show as it is: what it says behind
 * that, or on lines that look like one, nobody would have agreed to.
 */
function ownPart({ folders, trusted, envFiles, ownEnvFiles = [] }: SetupContext, found: Find): Find[] {
  // By whatever links it is written.
  const real = realPathOf(found.file) ?? found.file;
  const isInside = folders.some((folder) => contains(folder, found.file) || contains(realPathOf(folder) ?? folder, real));
  const isBesides = !found.isBrought && !envFiles.includes(found.file) && !isInside;
  if (ownEnvFiles.includes(found.file) || isBesides) return [found];
  if (!trusted) return [];
  const isShown = ([name, value]: [string, string]) => name === 'KIMI_API_KEY' || (MAY_BE_BROUGHT.has(name) && inOneLine(value) === value);
  const variables = Object.fromEntries(Object.entries(found.variables).filter(isShown));
  if (!variables.KIMI_API_KEY) return [];
  return [{ ...found, variables, isBrought: true }];
}

function registeredKeys(context: SetupContext): Find[] {
  const files = claudeFiles(context.env, context.home);
  return registeredHere(context).flatMap(({ command, file, isBrought, project }) =>
    isWritten(command.env.KIMI_API_KEY)
      ? [{ file: file ?? files.state, variables: project === null ? command.env : forAll(command.env, project), text: null, isBrought }]
      : [],
  );
}

/**
 * What an entry for one project says where it is to count for all of them: the key with its address, and what is refused. What it allows there is
 * allowed nowhere else, and goes on to count there.
 */
function forAll({ KIMI_API_KEY, KIMI_BASE_URL, KIMI_NEVER_SEND, KIMI_REPOSITORIES }: Variables, project: string): Variables {
  const patterns = KIMI_NEVER_SEND?.split(/[,\n]+/).filter((one) => !one.trim().startsWith('!'));
  const given = resolveSettings([variableLayer('file', '', { KIMI_REPOSITORIES })]);
  const words = given.ok ? Object.entries(given.settings.values.repositories ?? {}) : [];
  const refused = words.flatMap(([name, word]) => (word === 'deny' ? [[name === '*' ? project : name, word]] : []));
  const repositories = given.ok ? JSON.stringify(Object.fromEntries(refused)) : KIMI_REPOSITORIES;
  return {
    ...(KIMI_API_KEY && { KIMI_API_KEY }),
    ...(KIMI_BASE_URL && { KIMI_BASE_URL }),
    ...(patterns && { KIMI_NEVER_SEND: patterns.join(',') }),
    ...(repositories && repositories !== '{}' && { KIMI_REPOSITORIES: repositories }),
  };
}

/** `${KIMI_API_KEY}` only names a variable from which Claude Code takes the key. */
const isWritten = (key: string | undefined) => Boolean(key) && !key!.includes('${');

/** What Claude Code starts under our name, for the user and in the folders that are open. */
function registeredHere({ env, home, folders }: SetupContext): RegisteredHere[] {
  const { user, shadows } = readRegistered(claudeFiles(env, home), folders);
  const here = shadows.filter(({ folder }) => folders.includes(folder));
  return [
    ...(user ? [{ command: user, file: null, isBrought: false, project: null }] : []),
    ...here.flatMap(({ command, file, scope, folder }) =>
      command ? [{ command, file, isBrought: scope === 'project', project: scope === 'local' ? folder : null }] : [],
    ),
  ];
}

interface RegisteredHere {
  readonly command: ServerCommand;
  readonly file: string | null;
  readonly isBrought: boolean;
  /** The folder for which alone it stands; null = everywhere. */
  readonly project: string | null;
}

/** The `.env` files where an earlier installation may have kept the key: those named, and the one of the package that is registered. */
function keyFiles(context: SetupContext): Find[] {
  const packages = registeredHere(context).flatMap(({ command, isBrought }) =>
    command.args
      .filter((word) => path.isAbsolute(word) && word.includes('claude-kimi-mcp'))
      .flatMap((word) => [path.dirname(word), path.dirname(path.dirname(word))])
      .map((folder) => ({ file: path.join(folder, '.env'), isBrought })),
  );
  const named = context.envFiles.map((file) => ({ file, isBrought: false }));
  const each = new Map([...named, ...packages].toReversed().map((one) => [one.file, one]));
  return [...each.values()].toReversed().flatMap(({ file, isBrought }) => {
    const text = readIfThere(file);
    const variables = text === null ? {} : readVariables(text);
    return text !== null && variables.KIMI_API_KEY ? [{ file, variables, text, isBrought }] : [];
  });
}

function isOurPackage(folder: string): boolean {
  return /"name"\s*:\s*"claude-kimi-mcp"/.test(readIfThere(path.join(folder, 'package.json')) ?? '');
}

function readIfThere(file: string): string | null {
  try {
    return readText(file);
  } catch {
    return null; // a folder, or of somebody else
  }
}

const OURS = /^(CLAUDE_)?KIMI_\w+$/;

/** A line break in a value would write lines of its own into the question. */
const inOneLine = (value: string) => cutText(value.replace(/[\s\p{C}]+/gu, ' ').trim(), 500);

/** The key is named, not shown; of other programs' variables nothing is said. */
function shownVariables(variables: Variables, isTaken: (name: string) => boolean): string[] {
  return Object.entries(variables)
    .filter(([name]) => isTaken(name))
    .map(([name, value]) => `+ ${name}=${name === 'KIMI_API_KEY' ? '••••••••' : inOneLine(value ?? '')}`);
}

/** What another program keeps to itself, or a window has no setting for, is not taken, so it is not shown either. */
function takenNames({ door, adopt }: SetupContext, { text }: Find): (name: string) => boolean {
  if (text !== null && adopt) return (name) => OURS.test(name);
  const taken = SETTING_NAMES.filter((name) => door.kind === 'terminal' || name === 'repositories' || isWindowSetting(name));
  const variables = new Set(taken.map((name) => shownName(name, 'file')));
  return (name) => variables.has(name);
}

async function takeOver(context: SetupContext, { file, variables, text, isBrought = false }: Find): Promise<void> {
  const given = (name: SettingName) => givenValue(name, variables, file);
  const forbidding = isBrought ? [] : FORBIDDING.flatMap((name) => joined(context, name, given(name)));
  if (text !== null && context.adopt) {
    // Another program's secrets stay with it.
    const whole = !isBrought && isOurPackage(path.dirname(file));
    context.adopt(text, (name) => whole || (isBrought ? Object.hasOwn(variables, name) : OURS.test(name)));
    for (const [name, value] of forbidding) if (value !== null) await context.settings.set(name, value);
    return;
  }
  for (const name of SETTING_NAMES) {
    const value = given(name);
    if (name === 'apiKey' || name === 'baseUrl' || value === undefined || isForbidding(name)) continue;
    if (context.door.kind === 'terminal' || isWindowSetting(name))
      await context.settings.set(name, name === 'prices' ? variables[String(shownName(name, 'file'))]?.trim() : value);
  }
  for (const [name, value] of forbidding) await context.settings.set(name, value ?? given(name));
  await context.key.store(variables.KIMI_API_KEY!.trim(), given('baseUrl') as string | undefined);
}

/** What the user refuses or keeps back: it counts beside what was decided here, and never in its place. */
const FORBIDDING = ['neverSend', 'protectedBranches', 'repositories'] as const;
const isForbidding = (name: SettingName): name is (typeof FORBIDDING)[number] => FORBIDDING.some((one) => one === name);

/**
 * One of them: as it was written, and with what is set here.
 * @returns the value null where nothing is set here; none where nothing is given
 */
function joined(
  { settings }: SetupContext,
  name: (typeof FORBIDDING)[number],
  given: unknown,
): (readonly [name: SettingName, value: unknown])[] {
  if (given === undefined) return [];
  const own = settings.own(name);
  if (own === undefined || own === null) return [[name, null]];
  if (name === 'repositories') return [[name, strictestOf(decisionsIn(own), given as Repositories)]];
  return [[name, [...new Set([...(Array.isArray(own) ? own : [own]), ...(given as readonly string[])])]]];
}

/**
 * A value as the settings have it; undefined = none, or one that is wrong and so is left behind: the check of the set-up would call it so for ever.
 * @throws ErrorWithReason where it is one that forbids: until now nothing was sent past it
 */
function givenValue(name: SettingName, variables: Variables, file: string): unknown {
  const variable = String(shownName(name, 'file'));
  const resolution = resolveSettings([variableLayer('file', file, { [variable]: variables[variable] })]);
  if (resolution.ok) return resolution.settings.origins[name].source === 'default' ? undefined : resolution.settings.values[name];
  if (isForbidding(name)) throw new ErrorWithReason(resolution.problems[0]);
  return undefined;
}
