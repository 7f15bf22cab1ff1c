/** Browsers that test tools download into the home, each in the place that the tool itself names; what stands there is a small program. */
import { manifest, project, WITH_A_DEPENDENCY } from './node-projects.ts';
import type { Project } from './projects.ts';

/** Tells that it ran, and what Cypress asks its program for. */
const PROGRAM = '#!/bin/sh\nfor word; do case $word in --ping=*) echo "${word#--ping=}";; esac; done\necho "the browser of $0"\n';

const browser = (name: string, packages: readonly string[], find: string): Project =>
  project({
    name: `a browser that ${name} has downloaded`,
    files: {
      'package.json': manifest({ test: 'node --test' }),
      'find.js': `module.exports = () => ${find};\n`,
      'program.sh': PROGRAM,
      'a.test.js':
        "const { test } = require('node:test'), assert = require('node:assert'), { execFileSync } = require('node:child_process');\ntest('runs', () => assert.match(String(execFileSync(require('./find.js')())), /^the browser of .*cache/));\ntest('fails', () => assert.equal(1, 2));\n",
    },
    install: [
      `PUPPETEER_SKIP_DOWNLOAD=1 npm install --no-audit --no-fund --loglevel=error ${packages.join(' ')}`,
      'place="$(node -p "require(\'./find.js\')()")"; mkdir -p "$(dirname "$place")" && cp program.sh "$place" && chmod +x "$place"',
    ],
    outside: { passed: 1, failed: 1 },
  });

export const BROWSER_PROJECTS: readonly Project[] = [
  browser('Playwright', ['playwright-core@1.65.1'], "require('playwright-core').chromium.executablePath()"),
  browser('Puppeteer', ['puppeteer@24.43.1'], "require('puppeteer').default.executablePath()"),
  // Its own look whether its program can run starts a screen where there is none.
  project({
    name: 'the program that Cypress has downloaded',
    needs: ['npm', 'Xvfb'],
    files: {
      ...WITH_A_DEPENDENCY,
      'package.json': manifest({ test: 'cypress verify && node --test' }),
      'program.sh': PROGRAM,
    },
    install: [
      'CYPRESS_INSTALL_BINARY=0 npm install --no-audit --no-fund --loglevel=error cypress@15.3.0 ms@2.1.3',
      'place="$(npx cypress cache path)/15.3.0/Cypress"; mkdir -p "$place/resources/app" && cp program.sh "$place/Cypress" && chmod +x "$place/Cypress" && echo \'{"version": "15.3.0"}\' > "$place/resources/app/package.json"',
    ],
    outside: { passed: 1, failed: 1 },
  }),
];
