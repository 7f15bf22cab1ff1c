// `prepare` runs on install from git and before publishing. Installing the dependencies of a clone with
// --ignore-scripts (what bootstrap.cjs does) skips it; without the dev dependencies there is nothing to build with.
const { existsSync } = require('node:fs');
const { spawnSync } = require('node:child_process');
const path = require('node:path');

const root = path.join(__dirname, '..');
if (!existsSync(path.join(root, 'node_modules', 'esbuild')) || !existsSync(path.join(root, 'esbuild.mjs'))) process.exit(0);
process.exit(spawnSync(process.execPath, ['esbuild.mjs'], { cwd: root, stdio: 'inherit' }).status ?? 1);
