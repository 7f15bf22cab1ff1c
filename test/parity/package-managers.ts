/** Yarn and pnpm of the version that a project names, by Corepack. */
import { manifest, project, WITH_A_DEPENDENCY } from './node-projects.ts';
import type { Project } from './projects.ts';

/** Tools of npm in the home, as those have them who may not write into the folders of the system. */
const tool = (name: string) => `npm install --global --prefix "$HOME/.npm-global" --no-audit --no-fund --loglevel=error ${name}`;
const withTools = (command: string) => `PATH="$HOME/.npm-global/bin:$PATH" ${command}`;

/** Corepack and Yarn ask the registry of npm, as it is set for npm here: their own defaults may be out of reach, and a mirror may have no signatures. */
const byCorepack = (name: string, manager: string, command: string, files: Project['files']): Project =>
  project({
    name,
    files: {
      ...WITH_A_DEPENDENCY,
      'package.json': manifest({ test: 'node --test' }, { packageManager: manager, dependencies: { ms: '2.1.3' } }),
      ...files,
    },
    install: [
      tool('corepack@0.34.6'),
      'registry="$(npm config get registry)"; export npm_config_registry="${registry%/}"; ' +
        'export COREPACK_NPM_REGISTRY="$npm_config_registry" YARN_NPM_REGISTRY_SERVER="$npm_config_registry" COREPACK_INTEGRITY_KEYS=0; ' +
        withTools(`corepack ${command} install`),
    ],
    command: withTools(`corepack ${command} test`),
    outside: { passed: 1, failed: 1 },
  });

export const PACKAGE_MANAGERS: readonly Project[] = [
  byCorepack('Yarn 1 by Corepack', 'yarn@1.22.22', 'yarn', {}),
  byCorepack('Yarn 4 with PnP by Corepack', 'yarn@4.18.1', 'yarn', {
    '.gitignore': '.pnp.*\n.yarn/*\n!.yarn/patches\n!.yarn/plugins\n!.yarn/releases\n!.yarn/versions\n',
  }),
  byCorepack('Yarn 4 with node_modules by Corepack', 'yarn@4.18.1', 'yarn', {
    '.gitignore': 'node_modules\n.yarn\n',
    '.yarnrc.yml': 'nodeLinker: node-modules\n',
  }),
  byCorepack('pnpm by Corepack', 'pnpm@10.18.0', 'pnpm', {}),
];
