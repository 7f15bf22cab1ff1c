// Builds dist/: two tiny entries that switch V8's compile cache on, and the bundles they load. With --development the code keeps its
// names and lines, and debuggers find the sources by source maps.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, transform } from 'esbuild';
import { thirdPartyLicenses } from './scripts/third-party-licenses.mjs';

const root = path.dirname(fileURLToPath(import.meta.url));
const { version, engines } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
const development = process.argv.includes('--development');
const outdir = path.join(root, 'dist');
/** What esbuild says of each build, and every file of this build: what an older one left is removed at the end, so that servers can start meanwhile. */
const metafiles = [];
const written = new Set();

const FOLDERS =
  'admin audio beta containers conversations evals fine-tuning graders live realtime safety skills uploads vector-stores webhooks';
const SINGLE_FILES = 'batches content-provenance-checks decisions embeddings files images moderations videos';
const UNUSED = [...FOLDERS.split(' ').map((name) => `${name}[\\\\/]${name}`), ...SINGLE_FILES.split(' ')].join('|');
const UNUSED_RESOURCES = new RegExp(`openai[\\\\/]resources[\\\\/](${UNUSED})\\.mjs$`);

/** What packages carry beside what is used of them, and a bundler cannot leave out. */
const slim = {
  name: 'slim',
  setup(b) {
    // Messages in 40 languages.
    b.onLoad({ filter: /zod[\\/]v4[\\/]locales[\\/]index\.c?js$/ }, () => ({
      contents: 'export { default as en } from "./en.js";',
      resolveDir: path.join(root, 'node_modules/zod/v4/locales'),
    }));
    // Schemas are written here, and read from nowhere; nor does a model use a computer by its screen.
    b.onLoad({ filter: /zod[\\/]v4[\\/]classic[\\/]from-json-schema\.c?js$/ }, () => ({
      contents: 'export const fromJSONSchema = undefined;',
    }));
    b.onLoad({ filter: /openai[\\/]helpers[\\/]computer\.mjs$/ }, () => ({ contents: 'export const ComputerToolset = undefined;' }));
    // Parts of a browser, and what is put between requests; a proxy needs none of them. Nor does a processor of the last fifteen years need the slower parser.
    b.onLoad(
      { filter: /undici[\\/]lib[\\/]((mock|interceptor|cache|web[\\/](websocket|eventsource|cookies))[\\/]|llhttp[\\/]llhttp-wasm\.js)/ },
      () => ({
        contents: 'module.exports = {};',
      }),
    );
    // What is created with every client, and has no part in a conversation: files, voices, images, evaluations and the like.
    b.onLoad({ filter: UNUSED_RESOURCES }, ({ path: file }) => {
      const words = path.basename(file, '.mjs').split('-');
      return { contents: `export class ${words.map((word) => word[0].toUpperCase() + word.slice(1)).join('')} {}` };
    });
    b.onLoad({ filter: /sdk[\\/]dist[\\/](esm|cjs)[\\/]validation[\\/]ajv-provider\.js$/ }, () => ({
      contents:
        'export class AjvJsonSchemaValidator { getValidator() { return (input) => ({ valid: true, data: input, errorMessage: undefined }); } }',
    }));
  },
};

/**
 * Variables within functions get short names, of packages too. Those of functions that stand in a module stay: they are what stacks tell. To
 * keep names by a property (`keepNames`) costs memory for each function that is made while the program runs.
 */
const shortVariables = {
  name: 'short-variables',
  setup(b) {
    b.onLoad({ filter: /\.[cm]?[jt]s$/ }, async ({ path: file }) => {
      const how = { loader: /ts$/.test(file) ? 'ts' : 'js', minifyIdentifiers: true, legalComments: 'inline', charset: 'utf8' };
      const { code } = await transform(readFileSync(file, 'utf8'), how);
      return { contents: code, loader: 'js' };
    });
  },
};

const shared = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  outdir,
  outExtension: { '.js': '.cjs' },
  define: { __VERSION__: JSON.stringify(version), 'import.meta.url': '__filename_url' },
  banner: { js: 'const __filename_url = require("node:url").pathToFileURL(__filename).href;' },
  legalComments: 'eof',
  // Chinese is half as long so.
  charset: 'utf8',
  minifySyntax: !development,
  minifyWhitespace: !development,
  sourcemap: development ? 'inline' : false,
  logLevel: 'warning',
  metafile: true,
  absWorkingDir: root,
  plugins: development ? [slim] : [slim, shortVariables],
  // Its main file is UMD, whose parts a bundler does not find.
  alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
};

// Their stacks go into journals and onto terminals, so our own code keeps its names.
const terminal = {
  'server-main': 'src/server.ts',
  'attempts-main': 'src/attempts.ts',
  'cli-main': 'src/cli.ts',
  'demo-main': 'test/demo/demo.ts',
};
await buildInPieces(terminal, 'server', { minifySyntax: true, minifyWhitespace: true });
await buildInPieces({ extension: 'src/extension.ts' }, 'window', { minify: true });
// Paid at each start of the server, so without banner and packages; and where Node is older than ours, these two must still run.
const onAnyNode = { banner: {}, plugins: [], target: 'node12' };
await buildWhole({ launch: 'src/launcher/launch.ts', 'old-node': 'src/old-node.ts' }, onAnyNode);
write('THIRD-PARTY-LICENSES.txt', thirdPartyLicenses(root, metafiles));

const cache = await textOf('src/compile-cache.ts');
// Written so that any Node can read it, whatever stands in the file behind it.
const [major, minor] = engines.node.match(/\d+/g);
const open = (main) =>
  `var v=process.versions.node.split('.');if(v[0]<${major}||v[0]==${major}&&v[1]<${minor})require('./old-node.cjs');else{${cache}\nrequire('./${main}');}\n`;
write('attempts.cjs', `${cache}\nrequire('./attempts-main.cjs');\n`);
write('server.cjs', `#!/usr/bin/env node\n${open('server-main.cjs')}`);
write(
  'cli.js',
  `#!/usr/bin/env node\nimport{createRequire}from'module';const require=createRequire(import.meta.url);\n${open('cli-main.cjs')}`,
  0o755,
);
for (const entry of readdirSync(outdir, { recursive: true, withFileTypes: true })) {
  const file = path.join(entry.parentPath, entry.name);
  if (entry.isFile() && !written.has(file)) rmSync(file);
}

/** A program as one line, to stand in another one. */
async function textOf(entryPoint) {
  const options = { ...shared, ...onAnyNode, target: 'es2016', minify: true, sourcemap: false, write: false };
  const { outputFiles } = await build({ ...options, entryPoints: [entryPoint] });
  return outputFiles[0].text.trim();
}

/** Replaced whole: a server may be starting from it. */
function write(name, text, mode) {
  const file = path.join(outdir, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, text, { mode });
  renameSync(`${file}.new`, file);
  written.add(file);
}

async function buildWhole(entryPoints, options) {
  const { metafile, outputFiles } = await build({ ...shared, entryPoints, write: false, ...options });
  metafiles.push(metafile);
  for (const { path: file, contents } of outputFiles) write(path.relative(outdir, file), contents);
}

/**
 * Doors in pieces, because Node and VS Code read all of a file before they run any of it: what is imported dynamically becomes a file
 * of its own. esbuild splits only ES modules, and the pieces are then turned into CommonJS, each for itself.
 */
async function buildInPieces(entryPoints, folder, minified) {
  const pieces = await build({
    ...shared,
    external: ['vscode'],
    entryPoints,
    format: 'esm',
    splitting: true,
    write: false,
    banner: {},
    chunkNames: `${folder}/[name]-[hash]`,
  });
  metafiles.push(pieces.metafile);
  const { start, stubs } = folder === 'window' ? await joinStart('extension', pieces) : { stubs: new Map() };
  for (const { path: file, text: own } of pieces.outputFiles) {
    const name = path.relative(root, file);
    if (stubs.has(name)) {
      write(path.relative(outdir, file), stubs.get(name));
      continue;
    }
    const text = start?.name === name ? start.text : own;
    // Names stay where a fault of a user is told by them: in pieces that are mostly ours, and not in the demo.
    const isOurs = ofOurs(pieces.metafile.outputs[name].inputs) > text.length / 2 && !path.basename(name).startsWith('demo-main');
    const options = development ? { sourcemap: 'inline' } : isOurs ? minified : { minify: true };
    const { target, platform, legalComments, charset } = shared;
    const { code } = await transform(text, { format: 'cjs', target, platform, legalComments, charset, ...options });
    // Where it is used: a hundred pieces do without.
    write(path.relative(outdir, file), (code.includes('__filename_url') ? shared.banner.js : '') + code);
  }
}

/**
 * What a door needs before it can start, in one file: to find and open twenty takes three times as long as to read them. Pieces that load
 * later find those parts of it by what then stands in their places.
 */
async function joinStart(entry, { metafile: { outputs }, outputFiles }) {
  const name = path.relative(root, path.join(outdir, `${entry}.cjs`));
  const needed = new Set([name]);
  for (const piece of needed) {
    for (const { path: to, kind } of outputs[piece].imports) if (kind === 'import-statement' && outputs[to]) needed.add(to);
  }
  const texts = new Map(outputFiles.map(({ path: file, text }) => [path.relative(root, file), text]));
  const fromDist = (piece) => `./${path.relative(outdir, path.join(root, piece)).replaceAll('\\', '/')}`;
  const inMemory = {
    name: 'in-memory',
    setup(b) {
      b.onResolve({ filter: /^\./ }, ({ path: to, importer, namespace, kind }) => {
        const folder = namespace === 'piece' ? path.dirname(path.join(root, importer)) : outdir;
        const piece = path.relative(root, path.resolve(folder, to));
        if (kind === 'dynamic-import') return { path: fromDist(piece), external: true };
        return { path: piece, namespace: 'piece' };
      });
      b.onLoad({ filter: /./, namespace: 'piece' }, ({ path: piece }) => ({ contents: texts.get(piece), loader: 'js' }));
    },
  };
  const parts = [...needed].filter((piece) => piece !== name);
  const contents = [
    `export * from '${fromDist(name)}';`,
    ...parts.map((piece, at) => `import * as part${at} from '${fromDist(piece)}';`),
    `export const parts = [${parts.map((_, at) => `part${at}`)}];`,
  ].join('\n');
  const options = { external: ['vscode'], format: 'esm', banner: {}, plugins: [inMemory], metafile: false, write: false };
  const made = await build({ ...shared, ...options, stdin: { contents, resolveDir: outdir } });
  const stubs = parts.map((piece, at) => {
    const from = path.relative(path.dirname(piece), name).replaceAll('\\', '/');
    // The names are for `import()`, which looks for them in the text.
    return [piece, `module.exports=require("${from}").parts[${at}];0&&(module.exports={${outputs[piece].exports}});\n`];
  });
  return { start: { name, text: made.outputFiles[0].text }, stubs: new Map(stubs) };
}

/** How many bytes of a piece are our own code. */
function ofOurs(inputs) {
  const own = Object.entries(inputs).filter(([input]) => !input.startsWith('node_modules/'));
  return own.reduce((sum, [, { bytesInOutput }]) => sum + bytesInOutput, 0);
}
