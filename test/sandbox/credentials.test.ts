/**
 * Where the tools of each ecosystem keep credentials, and that none of it is shown, while what lies beside it and programs need is. Held
 * for both walls, as they are made of the same description.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findHostFolders } from '../../src/sandbox/host-folders.ts';
import { deepestAround, type Mount } from '../../src/sandbox/mounts.ts';

const NPMRC = '//registry.npmjs.org/:_authToken=npm_1234567890\n';
const PIP = '[global]\nindex-url = https://ann:s3cret@pypi.corp.example/simple\n';
const SETTINGS_XML = '<settings><servers><server><password>s3cret</password></server></servers></settings>\n';
const GRADLE = 'corpPassword=s3cret\n';
const GIT = '[remote "origin"]\n\turl = https://ann:s3cret@github.com/corp/x\n';

/** By ecosystem: files below a home with a secret each, and files beside them that have to be there. */
const ECOSYSTEMS: Readonly<Record<string, { readonly secret: Readonly<Record<string, string>>; readonly shown: readonly string[] }>> = {
  'npm and versions of Node': {
    secret: {
      '.npmrc': NPMRC,
      '.npm-global/etc/npmrc': NPMRC,
      '.nvm/versions/node/v24/etc/npmrc': NPMRC,
      '.fnm/node-versions/v24/installation/etc/npmrc': NPMRC,
      '.local/share/fnm/node-versions/v24/installation/etc/npmrc': NPMRC,
      'Library/Application Support/fnm/node-versions/v24/installation/etc/npmrc': NPMRC,
      '.volta/tools/image/node/24.0.0/etc/npmrc': NPMRC,
      '.nodenv/versions/24/etc/npmrc': NPMRC,
      '.n/n/versions/node/24/etc/npmrc': NPMRC,
      '.n/etc/npmrc': NPMRC,
      '.asdf/installs/nodejs/24/etc/npmrc': NPMRC,
      '.asdf/installs/nodejs/24/.npm/etc/npmrc': NPMRC,
      '.local/share/mise/installs/node/24/etc/npmrc': NPMRC,
      '.local/share/rtx/installs/node/24/etc/npmrc': NPMRC,
      '.proto/tools/node/24/etc/npmrc': NPMRC,
      '.linuxbrew/etc/npmrc': NPMRC,
      '.config/configstore/firebase-tools.json': '{"tokens":1}',
    },
    shown: [
      '.nvm/versions/node/v24/bin/node',
      '.npm-global/bin/tsc',
      '.volta/tools/image/node/24.0.0/bin/node',
      '.asdf/installs/nodejs/24/bin/node',
    ],
  },
  'pnpm, Yarn, Bun, Deno': {
    secret: {
      '.local/share/pnpm/.npmrc': NPMRC,
      '.local/share/pnpm/rc': NPMRC,
      '.local/share/pnpm/auth.ini': NPMRC,
      '.local/share/pnpm/global/5/.npmrc': NPMRC,
      '.local/share/pnpm/nodejs/24/etc/npmrc': NPMRC,
      'Library/pnpm/rc': NPMRC,
      'Library/pnpm/auth.ini': NPMRC,
      '.config/pnpm/rc': NPMRC,
      '.yarnrc.yml': 'npmAuthToken: x\n',
      '.yarnrc': NPMRC,
      '.bunfig.toml': 'token = "x"\n',
      '.deno/deploy-token': 'x',
    },
    shown: ['.local/share/pnpm/pnpm', '.bun/bin/bun', '.deno/bin/deno'],
  },
  Python: {
    secret: {
      '.pypirc': '[pypi]\npassword = x\n',
      '.netrc': 'machine x login ann password x\n',
      '.pip/pip.conf': PIP,
      '.config/pip/pip.conf': PIP,
      '.config/pypoetry/auth.toml': 'x',
      '.config/uv/uv.toml': 'x',
      '.local/share/uv/credentials/credentials.toml': 'x',
      '.local/share/uv/python/cpython-3.13/pip.conf': PIP,
      '.local/share/uv/tools/ruff/pip.conf': PIP,
      '.local/share/pipx/venvs/black/pip.conf': PIP,
      '.local/pipx/venvs/black/pip.conf': PIP,
      '.rye/credentials': 'x',
      '.rye/config.toml': 'x',
      '.rye/py/cpython@3.13/pip.conf': PIP,
      '.rye/tools/black/pip.conf': PIP,
      '.pyenv/versions/3.13/pip.conf': PIP,
      '.pyenv/versions/3.13/envs/a/pip.conf': PIP,
      '.pyenv/versions/miniconda3/.condarc': 'channels: [https://conda.anaconda.org/t/tk-12345678/x]\n',
      '.asdf/installs/python/3.13/pip.conf': PIP,
      '.local/share/mise/installs/python/3.13/pip.conf': PIP,
      '.proto/tools/python/3.13/install/pip.conf': PIP,
      '.linuxbrew/Cellar/python@3.13/3.13.1/pip.conf': PIP,
      '.goenv/versions/1.25/pip.conf': PIP,
      '.huggingface/token': 'x',
      '.cache/huggingface/token': 'x',
      '.kaggle/kaggle.json': 'x',
    },
    shown: [
      ...['.local/share/uv/python/cpython-3.13/bin/python3', '.local/share/uv/tools/ruff/bin/ruff', '.rye/py/cpython@3.13/bin/python3'],
      ...['.pyenv/versions/3.13/bin/python3', '.local/share/pipx/venvs/black/bin/black', '.asdf/installs/python/3.13/bin/python3'],
    ],
  },
  conda: {
    secret: {
      '.condarc': 'x',
      '.conda/.condarc': 'x',
      '.continuum/anaconda-client/tokens/x.token': 'x',
      '.mambarc': 'x',
      '.rattler/credentials.json': 'x',
      'miniconda3/.condarc': 'x',
      'miniconda3/pip.conf': PIP,
      'miniconda3/etc/conda/activate.d/env_vars.sh': 'export TOKEN=x\n',
      'miniconda3/conda-meta/state': '{"env_vars":{"API_TOKEN":"x"}}',
      'miniconda3/envs/a/.condarc': 'channels: [https://conda.anaconda.org/t/tk-12345678/x]\n',
      'miniconda3/envs/a/pip.conf': PIP,
      'miniconda3/envs/a/conda-meta/state': '{"env_vars":{"API_TOKEN":"x"}}',
      'miniconda3/envs/a/etc/conda/activate.d/env_vars.sh': 'export API_TOKEN=x\n',
      '.pixi/envs/a/etc/conda/activate.d/env_vars.sh': 'export API_TOKEN=x\n',
      '.pixi/credentials.json': 'x',
    },
    shown: ['miniconda3/bin/python', 'miniconda3/envs/a/bin/python', 'miniconda3/envs/a/conda-meta/python-3.13.json', '.pixi/bin/pixi'],
  },
  'Rust, Go': {
    secret: {
      '.cargo/credentials': 'x',
      '.cargo/credentials.toml': 'x',
      '.cargo/config.toml': '[registries.corp]\ntoken = "x"\n',
      '.cargo/env': 'export CARGO_REGISTRY_TOKEN=x\n',
      '.config/go/env': 'GOPROXY=https://ann:s3cret@proxy.corp.example\n',
    },
    shown: ['.cargo/bin/cargo', '.rustup/toolchains/stable/bin/rustc', '.rustup/settings.toml', 'go/bin/gopls'],
  },
  'Java, Kotlin, Scala, Android': {
    secret: {
      '.m2/settings.xml': SETTINGS_XML,
      '.m2/settings-security.xml': 'x',
      '.gradle/gradle.properties': GRADLE,
      '.gradle/init.gradle': GRADLE,
      '.gradle/init.d/corp.gradle': GRADLE,
      '.ivy2/.credentials': 'x',
      '.sbt/.credentials': 'x',
      '.config/coursier/credentials.properties': 'x',
      '.sdkman/etc/config': 'x',
      '.sdkman/candidates/maven/3.9/conf/settings.xml': SETTINGS_XML,
      '.sdkman/candidates/gradle/8/init.d/corp.gradle': GRADLE,
      '.sdkman/candidates/gradle/8/gradle.properties': GRADLE,
      '.sdkman/candidates/java/21/conf/management/jmxremote.password': 'controlRole  s3cret\n',
      '.asdf/installs/maven/3.9/conf/settings.xml': SETTINGS_XML,
      '.asdf/installs/gradle/8/init.d/corp.gradle': GRADLE,
      '.asdf/installs/gradle/8/gradle.properties': GRADLE,
      '.local/share/mise/installs/maven/3.9/apache-maven-3.9/conf/settings.xml': SETTINGS_XML,
      '.local/share/mise/installs/gradle/8/init.d/corp.gradle': GRADLE,
      '.android/debug.keystore': 'x',
      '.linuxbrew/Cellar/maven/3.9/libexec/conf/settings.xml': SETTINGS_XML,
      '.linuxbrew/Cellar/gradle/8/libexec/init.d/corp.gradle': GRADLE,
    },
    shown: [
      '.sdkman/candidates/maven/3.9/bin/mvn',
      '.sdkman/candidates/java/21/bin/java',
      '.linuxbrew/Cellar/maven/3.9/libexec/bin/mvn',
      'Android/Sdk/platform-tools/adb',
    ],
  },
  'Ruby, PHP': {
    secret: {
      '.gem/credentials': 'x',
      '.local/share/gem/credentials': 'x',
      '.gemrc': 'x',
      '.bundle/config': 'BUNDLE_GEMS__CORP__EXAMPLE: "ann:s3cret"\n',
      '.composer/auth.json': 'x',
      '.config/composer/auth.json': 'x',
      '.rvm/user/db': 'x',
    },
    shown: ['.rbenv/versions/3.4/bin/ruby', '.rvm/rubies/ruby-3.4/bin/ruby'],
  },
  '.NET': {
    secret: {
      '.nuget/NuGet/NuGet.Config': 'x',
      '.config/NuGet/NuGet.Config': 'x',
      '.dotnet/corefx/cryptography/x509stores/my/a.pfx': 'x',
      '.dotnet/NuGet.Config': 'x',
      '.microsoft/usersecrets/1/secrets.json': 'x',
      '.aspnet/DataProtection-Keys/key.xml': 'x',
    },
    shown: ['.dotnet/dotnet', '.dotnet/sdk/9.0/dotnet.dll', '.dotnet/tools/csharpier'],
  },
  'other languages': {
    secret: {
      '.hex/hex.config': 'x',
      '.pub-cache/credentials.json': 'x',
      '.config/dart/pub-credentials.json': 'x',
      '.julia/servers/pkg.julialang.org/auth.toml': 'x',
      '.Renviron': 'x',
      '.cabal/config': 'password: x\n',
      '.stack/config.yaml': 'x',
      '.opam/config': 'x',
      '.swiftpm/configuration/registries.json': 'x',
      '.asdf/plugins/corp/.git/config': GIT,
      '.local/share/mise/plugins/corp/.git/config': GIT,
      '.local/share/rtx/plugins/corp/.git/config': GIT,
    },
    shown: ['.ghcup/bin/ghc', '.elan/bin/lean', '.opam/default/bin/ocaml', '.juliaup/bin/julia', '.asdf/plugins/corp/bin/install'],
  },
  'what belongs to no language': {
    secret: Object.fromEntries(
      [
        ...[
          '.ssh/id_ed25519',
          '.gnupg/private-keys-v1.d/x.key',
          '.git-credentials',
          '.gitconfig',
          '.config/git/credentials',
          '.config/gh/hosts.yml',
        ],
        ...['.aws/credentials', '.config/gcloud/credentials.db', '.azure/msal_token_cache.json', '.kube/config', '.docker/config.json'],
        ...['.terraform.d/credentials.tfrc.json', '.vault-token', '.databrickscfg', '.fly/config.yml', '.password-store/x.gpg'],
        ...[
          '.local/share/keyrings/login.keyring',
          'Library/Keychains/login.keychain-db',
          '.mozilla/firefox/x/logins.json',
          '.bash_history',
        ],
        ...[
          '.claude.json',
          '.claude/.credentials.json',
          '.codex/auth.json',
          '.gemini/oauth_creds.json',
          '.claude-kimi-mcp/.env',
          'Documents/tax.txt',
        ],
      ].map((path) => [path, 'x']),
    ),
    shown: ['.local/bin/mine'],
  },
};

function isShown(path: string, mounts: readonly Mount[]): boolean {
  const standing = mounts.find(({ at }) => at === path) ?? deepestAround(path, mounts);
  return standing?.kind === 'read-only' || standing?.kind === 'writable';
}

describe('credentials of toolchains', () => {
  for (const [name, { secret, shown }] of Object.entries(ECOSYSTEMS)) {
    for (const platform of ['linux', 'darwin'] as const) {
      it(`are not shown, programs are: ${name}, ${platform}`, () => {
        const home = realpathSync(mkdtempSync(join(tmpdir(), 'home-')));
        try {
          for (const [path, content] of [...Object.entries(secret), ...shown.map((path) => [path, 'program'] as const)]) {
            mkdirSync(dirname(join(home, path)), { recursive: true });
            writeFileSync(join(home, path), content);
          }
          const { lent, covers } = findHostFolders({ HOME: home, PATH: '/usr/bin:/bin' }, [], [], platform);
          // A cover of the home itself is there for what shows through around it; what is lent stands above it.
          const mounts = [...covers, ...lent];
          const leaks = Object.keys(secret).filter((path) => isShown(join(home, path), mounts));
          assert.deepEqual(leaks, []);
          const missing = shown.filter((path) => !isShown(join(home, path), mounts));
          assert.deepEqual(missing, []);
        } finally {
          rmSync(home, { recursive: true });
        }
      });
    }
  }
});
