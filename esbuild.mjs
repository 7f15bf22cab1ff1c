// Builds dist/: two tiny entries that switch V8's compile cache on, and the bundles they load. With --development the code keeps its
// names and lines, and debuggers find the sources by source maps.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { build, transform } from 'esbuild';

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));
const development = process.argv.includes('--development');
const outdir = new URL('dist/', import.meta.url).pathname;
rmSync(outdir, { recursive: true, force: true });
mkdirSync(outdir, { recursive: true });

/** Zod carries its messages in 40 languages and the MCP SDK a JSON Schema validator; the server uses neither. */
const slim = {
  name: 'slim',
  setup(b) {
    b.onLoad({ filter: /zod[\\/]v4[\\/]locales[\\/]index\.c?js$/ }, () => ({
      contents: 'export { default as en } from "./en.js";',
      resolveDir: new URL('node_modules/zod/v4/locales', import.meta.url).pathname,
    }));
    b.onLoad({ filter: /sdk[\\/]dist[\\/](esm|cjs)[\\/]validation[\\/]ajv-provider\.js$/ }, () => ({
      contents:
        'export class AjvJsonSchemaValidator { getValidator() { return (input) => ({ valid: true, data: input, errorMessage: undefined }); } }',
    }));
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
  minifySyntax: !development,
  minifyWhitespace: !development,
  sourcemap: development ? 'linked' : false,
  logLevel: 'warning',
  plugins: [slim],
  // Its main file is UMD, whose parts a bundler does not find.
  alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
};

await build({ ...shared, entryPoints: { 'cli-main': 'src/cli.ts', 'demo-main': 'test/demo/demo.ts' } });
await buildInPieces('server-main', 'src/server.ts', 'server', { minifySyntax: true, minifyWhitespace: true }); // its stacks go into journals
await buildInPieces('extension', 'src/extension.ts', 'window', { minify: true });
// Paid at each start of the server, so without banner and packages.
await build({ ...shared, banner: {}, plugins: [], entryPoints: { launch: 'src/launcher/launch.ts' } });

// The cache lies in the user's own state directory: a shared /tmp could be poisoned by another user of the machine. It is the first
// thing there, so the directory is made for the user alone here. One that exists is closed to others only where it is ours for
// certain: at its usual place, owned by the user; whoever names another one with CLAUDE_KIMI_HOME decides on its mode.
const cache = `const m=require('node:module'),p=require('node:path'),o=require('node:os'),f=require('node:fs');try{
const g=(process.env.CLAUDE_KIMI_HOME||'').trim(),h=g?p.resolve(g):p.join(o.homedir(),'.claude-kimi-mcp');
if(f.mkdirSync(h,{recursive:true,mode:0o700})===undefined&&!g&&process.getuid){const s=f.lstatSync(h);
if(s.isDirectory()&&s.uid===process.getuid()&&s.mode&0o077)f.chmodSync(h,s.mode&0o700)}
m.enableCompileCache?.(p.join(h,'cache','v8'))}catch{}`.replaceAll('\n', '');
writeFileSync(`${outdir}server.cjs`, `#!/usr/bin/env node\n${cache}\nrequire('./server-main.cjs');\n`);
writeFileSync(
  `${outdir}cli.js`,
  `#!/usr/bin/env node\nimport{createRequire}from'node:module';const require=createRequire(import.meta.url);\n${cache}\nrequire('./cli-main.cjs');\n`,
  { mode: 0o755 },
);

/**
 * A door in pieces, because Node and VS Code read all of a file before they run any of it: what is imported dynamically becomes a file
 * of its own. esbuild splits only ES modules, and the pieces are then turned into CommonJS, each for itself.
 */
async function buildInPieces(name, entryPoint, folder, minified) {
  const common = { ...shared, external: ['vscode'], entryPoints: { [name]: entryPoint } };
  if (development) return build(common);
  const pieces = await build({
    ...common,
    format: 'esm',
    splitting: true,
    write: false,
    banner: {},
    chunkNames: `${folder}/[name]-[hash]`,
  });
  for (const { path: file, text } of pieces.outputFiles) {
    const { code } = await transform(text, { format: 'cjs', target: shared.target, platform: 'node', legalComments: 'eof', ...minified });
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, shared.banner.js + code);
  }
}
