import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const SRC = path.join(import.meta.dirname, '..', 'src');

/**
 * What each room may import from, besides `common`; the map in src/README.md as a table. Doors (`server.ts` ...) may import from
 * every room.
 */
const ROOMS: Record<string, readonly string[]> = {
  common: [],
  economics: [],
  messages: [],
  'state-directory.ts': ['messages'],
  'setting-values.ts': ['messages'],
  'combined-settings.ts': ['setting-values.ts'],
  'config.ts': ['messages', 'setting-values.ts', 'combined-settings.ts'],
  'setting-files.ts': ['messages', 'config.ts'],
  sandbox: ['messages', 'config.ts'],
  checks: ['messages', 'sandbox', 'config.ts'],
  agent: ['messages', 'sandbox', 'config.ts'],
  workspace: ['messages', 'sandbox', 'config.ts'],
  delegation: ['messages', 'economics', 'agent', 'workspace', 'checks', 'sandbox', 'config.ts'],
  broker: ['messages', 'config.ts', 'setting-files.ts'],
  launcher: ['messages', 'config.ts', 'state-directory.ts'],
  claude: ['messages', 'economics', 'config.ts', 'state-directory.ts'],
  setup: ['messages', 'claude', 'launcher', 'broker', 'sandbox', 'agent', 'workspace', 'delegation', 'config.ts', 'setting-files.ts'],
  mcp: ['messages', 'economics', 'claude', 'delegation', 'agent', 'workspace', 'broker', 'config.ts'],
  cli: [
    'messages',
    'economics',
    'mcp',
    'delegation',
    'agent',
    'workspace',
    'sandbox',
    'broker',
    'claude',
    'setup',
    'launcher',
    'config.ts',
    'state-directory.ts',
  ],
  vscode: [
    'messages',
    'mcp',
    'delegation',
    'agent',
    'workspace',
    'checks',
    'setup',
    'sandbox',
    'broker',
    'claude',
    'launcher',
    'config.ts',
    'setting-files.ts',
    'state-directory.ts',
  ],
};
const DOORS = ['server.ts', 'attempts.ts', 'cli.ts', 'extension.ts', 'old-node.ts', 'compile-cache.ts'];

/** Packages that stand behind one door each. */
const PACKAGES: readonly [RegExp, RegExp][] = [
  [/^openai(\/|$)/, /^agent\/model\/kimi-client\.ts$/],
  [/^undici(\/|$)/, /^agent\/model\/(undici|proxy-fetch)\.ts$/],
  [/^@modelcontextprotocol\/sdk\/server\//, /^(mcp\/|server\.ts$)/],
  [/^@modelcontextprotocol\/sdk\/client\//, /^vscode\/server\/child-server\.ts$/],
  [/^@modelcontextprotocol\//, /^(mcp\/|server\.ts$|vscode\/server\/child-server\.ts$)/],
  [/^vscode$/, /^(vscode\/|extension\.ts$)/],
  [/^jsonc-parser$/, /^claude\/edit-json\.ts$/],
  [/^compare-versions$/, /^launcher\/installed-servers\.ts$/],
  [/^fast-string-truncated-width$/, /^cli\/text-width\.ts$/],
  [/^fastest-levenshtein$/, /^cli\/suggest-name\.ts$/],
  [/^@clack\/prompts$/, /^cli\/setup\/(prompts|draw)\.ts$/],
  [/^@anthropic-ai\/sandbox-runtime\//, /^sandbox\/seatbelt-profile\.ts$/],
  [/^chardet$/, /^common\/detect-encoding\.ts$/],
  [/^unbash$/, /^sandbox\/parse-shell\.ts$/],
  [/^zod(\/|$)/, /./],
];

interface Import {
  from: string;
  /** Relative to src for our own files, else the package. */
  to: string;
  own: boolean;
  /** Whether the file cannot load without it: neither a type nor a later import. */
  needed: boolean;
}

describe('imports', () => {
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const imports = files.flatMap((file) => importsOf(file));

  it('are found at all', () => {
    assert.ok(files.length > 100);
    assert.ok(imports.some(({ from, to }) => from === 'delegation/delegate.ts' && to === 'workspace/open-repository.ts'));
    assert.ok(imports.some(({ from, to }) => from === 'agent/model/kimi-client.ts' && to === 'openai'));
  });

  it('point one way: no room imports from a room above or beside it', () => {
    const roomOf = (file: string) => file.split('/')[0] ?? '';
    const wrong = imports.filter(({ from, to, own }) => {
      if (!own || roomOf(from) === roomOf(to) || roomOf(to) === 'common' || DOORS.includes(from)) return false;
      if (from.startsWith('cli/') && to.startsWith('../l10n/')) return false; // the texts that it shares with the window
      return !ROOMS[roomOf(from)]?.includes(roomOf(to));
    });
    assert.deepEqual(wrong.map(shown), []);
  });

  it('keep each package behind its door', () => {
    const wrong = imports.filter(({ from, to, own }) => {
      if (own || to.startsWith('node:')) return false;
      const rules = PACKAGES.filter(([name]) => name.test(to));
      return rules.length === 0 || rules.some(([, where]) => !where.test(from));
    });
    assert.deepEqual(wrong.map(shown), []);
  });

  it('name our own files with their ending and built-in modules with node:', () => {
    const wrong = imports.filter(({ to, own }) =>
      own ? !files.includes(to) && !to.endsWith('.json') : /^(fs|path|os|net|http|crypto|child_process|util|url)$/.test(to),
    );
    assert.deepEqual(wrong.map(shown), []);
  });

  it('make no circle, of types neither: each file can be read after those that it names', () => {
    const needs = new Map<string, string[]>();
    for (const { from, to, own } of imports) if (own) needs.set(from, [...(needs.get(from) ?? []), to]);
    const circles: string[] = [];
    const done = new Set<string>();
    const visit = (file: string, way: readonly string[]): void => {
      if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file].join(' -> '));
      else if (!done.has(file)) {
        for (const next of needs.get(file) ?? []) visit(next, [...way, file]);
        done.add(file);
      }
    };
    for (const file of files) visit(file, []);
    assert.deepEqual(circles, []);
  });

  it('load nothing of the delegations before a client has the list of tools: it waits for that', () => {
    const loaded = new Set(['server.ts']);
    for (const file of loaded) for (const { from, to, own, needed } of imports) if (own && needed && from === file) loaded.add(to);
    assert.deepEqual(
      [...loaded].filter((file) => /^(delegation|workspace|checks|sandbox|agent\/(?!clock))/.test(file)),
      [],
    );
  });

  it('load the rules for macOS, and the library that writes them, nowhere else', () => {
    const users = imports.filter(({ to }) => to === 'sandbox/seatbelt-profile.ts');
    assert.ok(users.length > 1);
    assert.deepEqual(users.filter(({ needed }) => needed).map(shown), []);
  });

  it('load no command where the terminal door is the server', () => {
    assert.deepEqual(
      imports.filter(({ from, needed, to }) => from === 'cli.ts' && needed && !to.startsWith('node:') && to !== 'cli/main.ts').map(shown),
      [],
    );
    assert.match(read('cli.ts'), /\bimport\('\.\/cli\/main\.ts'\)/);
    assert.doesNotMatch(read('cli.ts'), /^import .*cli\/main/m);
  });

  it('are by name: no file has a default export', () => {
    assert.deepEqual(
      files.filter((file) => /^export (default\b|\{[^}]*\bas default\b)/m.test(read(file))),
      [],
    );
  });
});

function read(file: string): string {
  return readFileSync(path.join(SRC, file), 'utf8');
}

function importsOf(file: string): Import[] {
  const text = read(file);
  const found = [
    ...text.matchAll(/^(?:import|export)\s+(type\s)?[^'";]*?\bfrom\s+'([^']+)'/gm),
    ...text.matchAll(/^import\s+()'([^']+)'/gm),
    ...text.matchAll(/\b(import|require)\(\s*'([^']+)'\s*\)/g),
  ];
  return found.map(([, type, name = '']) => {
    const own = name.startsWith('.');
    return { from: file, to: own ? path.posix.join(path.posix.dirname(file), name) : name, own, needed: !type };
  });
}

function shown({ from, to }: Import): string {
  return `${from} imports ${to}`;
}
