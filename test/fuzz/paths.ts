/** Paths that a model, a caller, a repository or an environment names, against everything that decides about paths. */
import assert from 'node:assert/strict';
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { nameRules } from '../../src/agent/never-send/name-rules.ts';
import { patternLines } from '../../src/agent/never-send/pattern-lines.ts';
import { openForReading } from '../../src/agent/tools/files/open-safely.ts';
import { resolvePath } from '../../src/agent/tools/files/resolve-path.ts';
import { writeFile } from '../../src/agent/tools/write-file.ts';
import { contains } from '../../src/common/path-contains.ts';
import { outOfScope } from '../../src/delegation/result/out-of-scope.ts';
import { findHostFolders } from '../../src/sandbox/host-folders.ts';
import { SHOWN_ROOT, type TempWorkspace, tempWorkspace } from '../agent/tools/temp-workspace.ts';

const SECRET = 'SECRET-OF-THE-USER';
/** No decision about one path may take longer; most take microseconds. */
const MOST_MS = 2000;

/** biome-ignore format: a list */
const PARTS = [
  '..', '.', '', 'src', 'out', 'up', 'upup', 'loop', 'dangling', 'file-link', 'app.ts', 'secret.txt', 'outside', 'tree', 'x', '.git', '.GIT', '.Git.', 'git~1',
  '.git ', '.g\u200cit', '.git::$INDEX_ALLOCATION', '．git', 'config', 'HEAD', 'hooks', '\\..\\', '..\\', '%2e%2e', '%2f', '..;', '...', '....', '․․', '。。', '‥',
  'a:b', 'a::$DATA', 'CON', 'nul.txt', 'é', 'e\u0301', '\u202etxt', '\n', '\t', '\x1b[31m', '-rf', '--help', '*', '**', '?', '[a]', '{a,b}', '!', '~', '~root', '$HOME',
  'proc', 'self', 'root', 'cwd', 'etc', 'passwd', 'dev', 'fd', '0', 'x'.repeat(255), 'x'.repeat(256), '\ud800', '\0', ' ', '.env', 'node_modules', 'deep/er', '/',
];
const part = fc.oneof(
  { arbitrary: fc.constantFrom(...PARTS), weight: 6 },
  { arbitrary: fc.string({ unit: 'binary', maxLength: 4 }), weight: 1 },
);
const pathOf = (starts: readonly string[]) =>
  fc
    .tuple(fc.constantFrom(...starts), fc.array(part, { maxLength: 7 }), fc.constantFrom('/', '/', '/', '//', '\\', '/./', '/../'))
    .map(([start, parts, between]) => start + parts.join(between));

/** The parts, and how many of a hundred inputs each gets. */
const SHARES = { tools: 50, neverSend: 25, scope: 20, hosts: 5 } as const;

export async function fuzzPaths(count: number, seed: number): Promise<string> {
  const runs = (share: number) => Math.max(1, Math.round((count * share) / 100));
  const options = (share: number) => ({ seed, numRuns: runs(share) });
  const opened = await toolPaths(options(SHARES.tools));
  fc.assert(neverSendProperty(), options(SHARES.neverSend));
  fc.assert(scopeProperty(), options(SHARES.scope));
  const lent = hostPaths(options(SHARES.hosts));
  const sum = Object.values(SHARES).reduce((all, share) => all + runs(share), 0);
  return `${sum} paths: ${opened.taken} taken and ${opened.refused} refused by file tools, ${runs(SHARES.neverSend)} for what is never sent, ${runs(SHARES.scope)} for scopes, ${runs(SHARES.hosts)} environments that lent ${lent} folders`;
}

interface Options {
  readonly seed: number;
  readonly numRuns: number;
}

async function toolPaths(options: Options): Promise<{ taken: number; refused: number }> {
  const ws = tempWorkspace();
  const counts = { taken: 0, refused: 0 };
  try {
    plantTree(ws);
    const before = outside(ws);
    const starts = [
      '',
      '',
      '',
      '/',
      './',
      `${SHOWN_ROOT}/`,
      `${ws.root}/`,
      `${ws.root}/../`,
      '/tmp/',
      `${ws.temp}/../`,
      '/proc/self/',
      '~/',
      'file://',
      '//',
      'C:\\',
    ];
    const use = fc.constantFrom('read' as const, 'read' as const, 'write' as const);
    await fc.assert(
      fc.asyncProperty(pathOf(starts), use, async (given, how) => {
        const target = inTime(() => resolvePath(ws.context.workspace, given, how));
        counts[target.ok ? 'taken' : 'refused']++;
        assert.ok(target.ok || target.message.length < 1500, 'a short refusal');
        if (target.ok) staysInside(ws, target.host, how);
        if (target.ok && how === 'read') assert.doesNotMatch(contentOf(target), new RegExp(SECRET));
        if (how === 'write' && given.length % 8 === 0) await ws.call(writeFile, { path: given, content: 'x' });
      }),
      options,
    );
    assert.deepEqual(outside(ws), before, 'nothing outside has changed');
  } finally {
    ws.remove();
  }
  return counts;
}

function plantTree(ws: TempWorkspace): void {
  ws.put('src/app.ts', 'inside\n');
  ws.put('src/.env', `${SECRET}\n`);
  ws.put('deep/er/x', 'inside\n');
  mkdirSync(path.join(ws.outside, '.git/hooks'), { recursive: true });
  for (const name of ['secret.txt', 'app.ts', '.git/config']) writeFileSync(path.join(ws.outside, name), `${SECRET}\n`);
  const links = {
    out: ws.outside,
    'src/up': '..',
    'src/upup': '../..',
    loop: 'loop',
    dangling: '/nowhere',
    'file-link': path.join(ws.outside, 'secret.txt'),
  };
  for (const [at, to] of Object.entries(links)) symlinkSync(to, path.join(ws.root, at));
}

function outside(ws: TempWorkspace): Record<string, string> {
  const names = readdirSync(ws.outside, { recursive: true, encoding: 'utf8' }).sort();
  const files = names.filter((name) => lstatSync(path.join(ws.outside, name)).isFile());
  const beside = readdirSync(path.dirname(ws.root)).sort().join(' ');
  return Object.fromEntries([
    ['', beside],
    ['.git', readFileSync(path.join(ws.root, '.git'), 'utf8')],
    ...files.map((name) => [name, readFileSync(path.join(ws.outside, name), 'utf8')]),
  ]);
}

/** By the file system's own word, whatever the path is made of. */
function staysInside(ws: TempWorkspace, host: string, how: 'read' | 'write'): void {
  let at = host;
  while (!lstatSync(at, { throwIfNoEntry: false })) at = path.dirname(at);
  const real = realpathSync.native(at);
  const roots = how === 'write' ? [ws.root] : [ws.root, ws.temp];
  assert.ok(
    roots.some((root) => contains(root, real)),
    real,
  );
  const names = path.relative(ws.root, host).split('/');
  assert.ok(!names.some((name) => /^\.git[. ]*$/i.test(name.replaceAll(/\p{Cf}/gu, ''))), host);
}

function contentOf(target: Parameters<typeof openForReading>[0]): string {
  const file = openForReading(target);
  if (!file.ok) return '';
  const buffer = Buffer.alloc(200);
  const read = file.read(buffer, 0);
  file.close();
  return buffer.toString('utf8', 0, read);
}

/** Names that are secrets wherever they lie and however they are written. */
const SECRET_NAMES = [
  '.env',
  '.env.local',
  'prod.env',
  'server.p12',
  'id_rsa',
  'id_ed25519_work',
  '.netrc',
  '.git-credentials',
  'credentials.json',
  'main.tfstate',
  'secrets.yml',
  'App.JKS',
];
const folders = fc.array(
  fc.oneof(
    fc.constantFrom('a', 'src', 'É', '.config', 'x y', '[id]', '*', '!', 'a\nb', '{}', '#'),
    fc.string({ unit: 'grapheme', maxLength: 5 }),
  ),
  { maxLength: 5 },
);
const patterns = fc.array(
  fc.oneof(
    fc.constantFrom(
      '!.env',
      '!*',
      '!**',
      '.env',
      '!**/.env',
      '/!x',
      '\\!y',
      '[',
      '[]',
      '[!',
      '**/**/**/*',
      '#',
      '!!.env',
      ' !.env',
      '*.env !',
    ),
    fc.string({ maxLength: 20 }),
  ),
  { maxLength: 6 },
);

/** What is withheld stays so in any folder, in any case, and whatever a repository says. */
function neverSendProperty() {
  const own = nameRules();
  return fc.property(folders, fc.constantFrom(...SECRET_NAMES), fc.boolean(), patterns, (above, name, isLoud, lines) => {
    const clean = above.map((one) => one.replaceAll(/[/\0]/g, '')).filter((one) => one !== '');
    const file = [...clean, isLoud ? name.toUpperCase() : name].join('/');
    assert.ok(own.isWithheld(file), 'by its name');
    const rules = inTime(() => nameRules([], patternLines(lines.join('\n'))));
    assert.ok(
      inTime(() => rules.isWithheld(file)),
      'whatever the repository says',
    );
  });
}

/** A scope lets nothing through that its literal beginning does not begin. */
function scopeProperty() {
  const glob = fc.array(
    fc.oneof(
      fc.constantFrom(
        'src',
        'lib',
        '*',
        '**',
        '*.ts',
        '[a-z]',
        '[!a]',
        '{a,b}',
        '{',
        ',',
        '}',
        '\\',
        '?',
        '..',
        '.',
        '',
        '!x',
        '@(a|b)',
        '+(a)',
      ),
      fc.string({ unit: 'binary', maxLength: 3 }),
    ),
    { minLength: 1, maxLength: 6 },
  );
  return fc.property(glob, fc.array(part, { minLength: 1, maxLength: 6 }), (pieces, parts) => {
    const scope = pieces.join('/');
    const file = parts.join('/');
    const isIn = inTime(() => outOfScope({ kind: 'feature', scope: [scope] }, [file])).length === 0;
    const plain = scope.replace(/^\.\//, '').replace(/\/+$/, '');
    const literal = /^[^*?[\]{}()\\!@+,]*/.exec(plain)?.[0] ?? '';
    if (isIn && file !== '' && plain !== '' && plain !== '.') assert.ok(file.startsWith(literal), `${scope} let ${file} through`);
    if (literal === plain && plain !== '' && plain !== '.') assert.equal(isIn, file === plain || file.startsWith(`${plain}/`));
  });
}

/** No environment makes a sandbox show what is the user's own. */
function hostPaths(options: Options): number {
  const base = realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-fuzz-')));
  const [home, state, repo] = ['home/ann', 'home/ann/.claude-kimi-mcp', 'home/ann/project'].map((name) => path.join(base, name)) as [
    string,
    string,
    string,
  ];
  let lentFolders = 0;
  try {
    const secrets = [
      path.join(home, '.ssh/id_rsa'),
      path.join(home, 'notes'),
      path.join(state, '.env'),
      path.join(repo, 'bin/tool'),
      path.join(home, '.cargo/credentials'),
    ];
    for (const file of [...secrets, path.join(home, '.cargo/bin/cargo'), path.join(base, 'opt/bin/x')]) {
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, SECRET);
    }
    for (const [at, to] of [
      ['opt/lib', home],
      ['link', home],
    ] as const)
      symlinkSync(to, path.join(base, at));
    const words = [
      home,
      state,
      repo,
      `${base}/opt`,
      `${base}/link`,
      '/',
      '/usr',
      '/etc',
      '/root',
      '/proc/self/root',
      '',
      '.',
      'bin',
      '/home',
    ];
    const tails = [
      '',
      '/bin',
      '/sbin',
      '/..',
      '/../..',
      '/.',
      '/',
      '/.ssh',
      '/.cargo',
      '/lib',
      '//',
      '/../ann',
      '/bin/..',
      '/opt/bin',
      '\0',
      '/bin/../../home/ann/bin',
    ];
    const place = fc.tuple(fc.constantFrom(...words), fc.constantFrom(...tails)).map((both) => both.join(''));
    const variables = [
      'CARGO_HOME',
      'RUSTUP_HOME',
      'NVM_DIR',
      'PYENV_ROOT',
      'JAVA_HOME',
      'GOROOT',
      'GOPATH',
      'VOLTA_HOME',
      'NODE_EXTRA_CA_CERTS',
      'SSL_CERT_FILE',
      'SDKMAN_DIR',
      'CONDA_PREFIX',
    ];
    const environment = fc.record({
      HOME: fc.oneof({ arbitrary: fc.constant(home), weight: 5 }, place),
      PATH: fc.array(place, { maxLength: 6 }).map((all) => all.join(':')),
      chosen: fc.dictionary(fc.constantFrom(...variables), place),
    });
    fc.assert(
      fc.property(environment, ({ chosen, ...env }) => {
        const { lent, covers } = inTime(() => findHostFolders({ ...chosen, ...env }, [home, state, repo], [repo]));
        lentFolders += lent.length;
        for (const { kind, source, at } of lent) {
          if (kind !== 'read-only') continue;
          const real = realpathSync(source);
          for (const secret of secrets) {
            const rest = path.relative(real, secret);
            if (rest.startsWith('..')) continue;
            const shown = path.join(at, rest);
            assert.ok(
              covers.some((cover) => cover.at !== at && contains(at, cover.at) && contains(cover.at, shown)),
              `${shown} is ${secret}`,
            );
          }
        }
      }),
      options,
    );
  } finally {
    rmSync(base, { recursive: true, force: true });
  }
  return lentFolders;
}

function inTime<T>(work: () => T): T {
  const began = performance.now();
  const done = work();
  const took = performance.now() - began;
  assert.ok(took < MOST_MS, `took ${took.toFixed(0)} ms`);
  return done;
}
