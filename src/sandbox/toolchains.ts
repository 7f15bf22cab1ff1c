/**
 * What of the homes is lent to commands, by ecosystem: programs and what they load. Parts are named, since credentials, histories and
 * settings lie beside them; what is not named does not exist inside.
 */
export interface Toolchain {
  /** Folder of a home that the parts lie in. A variable of the user's may name another. */
  readonly folder?: string;
  /** Tells its programs where they are, since they would look below HOME, which is another one in a sandbox. */
  readonly variable?: string;
  /** What the variable names: a part of the folder. Default: the folder. */
  readonly names?: string;
  /** What is lent of the folder; '' = all of it, `*` = any name. */
  readonly parts: readonly string[];
  /** Folders of them of which nothing is lent, unless a project of their kind is lent it as a cache. */
  readonly empty?: readonly string[];
  /** Files in the parts where users put passwords; one that holds any has no settings inside: some tools end where they cannot read theirs. */
  readonly settings?: readonly string[];
  /** Parts in which users keep scripts of their own, with what those read: what holds a password is a file without anything inside. */
  readonly scripts?: readonly string[];
  /** Folders in the parts that hold an installation each ('' = the folder itself). */
  readonly installations?: readonly string[];
}

/** What git keeps of the address that it fetched from, in which a token may stand. */
const GIT = ['config', 'FETCH_HEAD'];
/** The address of a submodule that is given by `../`, too. */
const GIT_OF_CHECKOUT = [...GIT, 'config.worktree', ...GIT.flatMap((name) => [`modules/*/${name}`, `modules/*/*/${name}`])];
export const checkouts = (...folders: readonly string[]) =>
  folders.flatMap((folder) => GIT_OF_CHECKOUT.map((name) => `${folder}/.git/${name}`));
export const bare = (...folders: readonly string[]) => folders.flatMap((folder) => GIT.map((name) => `${folder}/${name}`));
/** What Bundler installs from git, in a folder of gems. */
export const gems = (within: string) => [...checkouts(`${within}bundler/gems/*`), ...bare(`${within}cache/bundler/git/*`)];

/** Where a package of Python came from, as it was given: of CPython and PyPy, and where Debian and Fedora put them. */
const ORIGINS_OF_PACKAGES = ['lib', 'lib64'].flatMap((lib) =>
  ['site-packages', 'dist-packages'].map((name) => `${lib}/py*/${name}/*.dist-info/direct_url.json`),
);

/** Where users put passwords in the installation of a tool, of whatever language it is, and in scripts that run when it is activated. */
export const SETTINGS_OF_INSTALLATION: readonly string[] = [
  ...['etc/npmrc', '.npm/etc/npmrc', 'pip.conf', 'envs/*/pip.conf', '.condarc', 'condarc', 'condarc.d/*', 'etc/conda/*.d/*'],
  ...['lib/node_modules/npm/npmrc', 'conda-meta/state', 'conda-meta/history'],
  ...['bin/activate', 'bin/activate.*', 'bin/postactivate', 'bin/preactivate'],
  ...ORIGINS_OF_PACKAGES,
  // What was installed from git
  ...checkouts('src/*'),
  ...gems('lib/ruby/gems/*/'),
  ...['etc/gemrc', 'etc/jupyter/*.json', 'etc/jupyter/*.py'],
  ...['conf/settings.xml', 'init.d/*', 'gradle.properties'],
  ...['conf/management/*.password', 'lib/management/*.password', 'jre/lib/management/*.password'],
];

const CONDA_PARTS = [
  ...['bin', 'condabin', 'conda-meta', 'envs', 'include', 'lib', 'libexec', 'sbin', 'share', 'shell', 'ssl'],
  ...['etc/profile.d', 'etc/fonts', 'compiler_compat', 'x86_64-conda-linux-gnu', 'aarch64-conda-linux-gnu'],
];
const CONDA = { installations: ['', 'envs/*'] };
/** The shape of pyenv, which its relatives for other languages share. */
const ENV_PARTS = ['bin', 'libexec', 'shims', 'versions', 'plugins', 'version'];
const VERSIONS = ['versions/*', 'versions/*/envs/*'];
/** With what words tools were installed, addresses too. */
const RECEIPTS = ['venvs/*/pipx_metadata.json', 'tools/*/uv-receipt.toml'];
const PLUGINS = ['plugins/*/.git/config', 'plugins/*/.git/FETCH_HEAD'];
const MISE = { settings: PLUGINS, installations: ['installs/*/*', 'installs/*/*/*'] };
/** As Playwright names them, each with its revision. */
const BROWSERS = [
  '.links',
  ...['chromium', 'firefox', 'webkit', 'ffmpeg', 'winldd', 'android', 'bidi', 'clang'].flatMap((name) => [`${name}-*`, `${name}_*`]),
];
/** What projects have downloaded lies in the store by its address. */
const PNPM = {
  parts: [''],
  empty: ['store'],
  settings: [
    ...['.npmrc', 'rc', 'auth.ini', 'nodejs/*/etc/npmrc'],
    ...['.npmrc', 'package.json', 'pnpm-lock.yaml', 'node_modules/.modules.yaml', 'node_modules/.pnpm/lock.yaml'].map(
      (name) => `global/*/${name}`,
    ),
  ],
};
const CELLAR = ['maven', 'gradle', 'node*', 'python*', 'openjdk*'].flatMap((name) => [`Cellar/${name}/*`, `Cellar/${name}/*/libexec`]);
const BREW_PARTS = [...['bin', 'sbin', 'Cellar', 'opt', 'lib', 'libexec', 'include', 'share', 'etc/ca-certificates', 'etc/openssl@3']];

export const TOOLCHAINS: readonly Toolchain[] = [
  // JavaScript
  { folder: '.nvm', variable: 'NVM_DIR', parts: ['nvm.sh', 'alias', 'versions'], installations: ['versions/*/*'] },
  { folder: '.fnm', parts: ['node-versions', 'aliases'], installations: ['node-versions/*/installation'] },
  { folder: '.local/share/fnm', parts: ['node-versions', 'aliases'], installations: ['node-versions/*/installation'] },
  { folder: '.volta', variable: 'VOLTA_HOME', parts: ['bin', 'tools', 'layout.v4'], installations: ['tools/image/*/*'] },
  { folder: '.nodenv', parts: ENV_PARTS, settings: PLUGINS, installations: VERSIONS },
  { folder: '.n', parts: ['bin', 'lib', 'include', 'n/versions'], installations: ['n/versions/*/*'] },
  { folder: '.npm-global', parts: ['bin', 'lib', 'share'], scripts: ['bin'] },
  ...['.local/share/pnpm', 'Library/pnpm'].map((folder) => ({ folder, ...PNPM })),
  {
    folder: 'Library/Application Support/fnm',
    parts: ['node-versions', 'aliases'],
    installations: ['node-versions/*/installation'],
  },
  { folder: '.bun', parts: ['bin'], scripts: ['bin'] },
  { folder: '.deno', parts: ['bin'], scripts: ['bin'] },
  { folder: '.yarn', parts: ['bin'] },
  // Beside the browsers lie profiles of them, as those of Playwright's MCP server, in which somebody is logged in
  { folder: '.cache/ms-playwright', variable: 'PLAYWRIGHT_BROWSERS_PATH', parts: BROWSERS },
  // Python
  {
    folder: '.pyenv',
    variable: 'PYENV_ROOT',
    parts: [...ENV_PARTS, 'pyenv.d'],
    settings: [...PLUGINS, 'pyenv.d/*/*'],
    installations: VERSIONS,
  },
  { folder: '.rye', parts: ['shims', 'py', 'tools', 'uv', 'self'], settings: RECEIPTS, installations: ['py/*', 'tools/*'] },
  {
    folder: '.local/share/uv',
    variable: 'UV_PYTHON_INSTALL_DIR',
    names: 'python',
    parts: ['python', 'tools'],
    settings: RECEIPTS,
    installations: ['python/*', 'tools/*'],
  },
  { folder: '.local/pipx', parts: ['venvs', 'shared'], settings: RECEIPTS, installations: ['venvs/*'] },
  { folder: '.local/share/pipx', parts: ['venvs', 'py', 'shared'], settings: RECEIPTS, installations: ['venvs/*'] },
  { folder: 'Library/Python', parts: ['*/bin', '*/lib', '*/share'] },
  { folder: '.pixi', parts: ['bin', 'envs'], ...CONDA },
  ...['miniconda3', 'anaconda3', 'miniforge3', 'mambaforge'].map((folder) => ({ folder, parts: CONDA_PARTS, ...CONDA })),
  { folder: 'micromamba', variable: 'MAMBA_ROOT_PREFIX', parts: CONDA_PARTS, ...CONDA },
  // Where an installation of conda is not the user's own, their environments lie here
  { folder: '.conda', parts: ['envs'], installations: ['envs/*'] },
  // Rust, Go
  { folder: '.cargo', parts: ['bin'], scripts: ['bin'] },
  { folder: '.rustup', variable: 'RUSTUP_HOME', parts: ['toolchains', 'settings.toml', 'update-hashes'] },
  { folder: 'go', parts: ['bin'], scripts: ['bin'] },
  { folder: '.goenv', parts: ENV_PARTS, settings: PLUGINS, installations: VERSIONS },
  { variable: 'GOROOT', parts: ['bin', 'pkg', 'src', 'lib', 'misc', 'api', 'test', 'VERSION', 'go.env'] },
  // Ruby, PHP
  {
    folder: '.rbenv',
    variable: 'RBENV_ROOT',
    parts: [...ENV_PARTS, 'rbenv.d'],
    settings: [...PLUGINS, 'rbenv.d/*/*'],
    installations: VERSIONS,
  },
  {
    folder: '.rvm',
    parts: ['bin', 'scripts', 'rubies', 'gems', 'wrappers', 'environments', 'config', 'lib'],
    settings: gems('gems/*/'),
    installations: ['rubies/*'],
  },
  // Java, Android
  {
    folder: '.sdkman',
    variable: 'SDKMAN_DIR',
    parts: ['bin', 'candidates', 'libexec', 'src'],
    installations: ['candidates/*/*'],
  },
  { folder: '.jenv', parts: ENV_PARTS, settings: PLUGINS, installations: VERSIONS },
  { variable: 'JAVA_HOME', parts: ['bin', 'lib', 'conf', 'include', 'jmods', 'jre', 'legal', 'release'], installations: [''] },
  {
    folder: 'Android/Sdk',
    variable: 'ANDROID_HOME',
    parts: ['build-tools', 'cmake', 'cmdline-tools', 'emulator', 'licenses', 'ndk', 'platform-tools', 'platforms', 'tools'],
  },
  {
    folder: 'Library/Android/sdk',
    parts: ['build-tools', 'cmake', 'cmdline-tools', 'emulator', 'licenses', 'ndk', 'platform-tools', 'platforms', 'tools'],
  },
  // Several languages
  {
    folder: '.asdf',
    variable: 'ASDF_DATA_DIR',
    parts: ['asdf.sh', 'bin', 'installs', 'lib', 'plugins', 'shims'],
    settings: PLUGINS,
    installations: ['installs/*/*'],
  },
  {
    folder: '.local/share/mise',
    variable: 'MISE_DATA_DIR',
    parts: ['installs', 'shims', 'plugins'],
    ...MISE,
  },
  { folder: '.local/share/rtx', parts: ['installs', 'shims', 'plugins'], ...MISE },
  { folder: '.proto', parts: ['bin', 'shims', 'tools'], installations: ['tools/*/*', 'tools/*/*/install'] },
  { folder: '.linuxbrew', parts: BREW_PARTS, installations: ['', ...CELLAR] },
  { folder: '.nix-profile', parts: [''] },
  { folder: '.local/bin', parts: [''], scripts: [''] },
  {
    folder: '.local/lib',
    parts: ['python*', 'node_modules', 'lib*', 'pkgconfig', 'cmake', 'ruby', 'perl5', 'R', 'go', 'x86_64-linux-gnu', 'aarch64-linux-gnu'],
    settings: ['py*/site-packages/*.dist-info/direct_url.json'],
  },
  // Haskell, Lean, OCaml, .NET, Julia, Swift
  { folder: '.ghcup', parts: ['bin', 'ghc', 'hls', 'share'] },
  { folder: '.cabal', parts: ['bin'] },
  { folder: '.elan', parts: ['bin', 'toolchains', 'settings.toml'] },
  { folder: '.opam', parts: ['*/bin', '*/lib', '*/sbin', '*/share'] },
  {
    folder: '.dotnet',
    variable: 'DOTNET_ROOT',
    parts: ['dotnet', 'host', 'library-packs', 'metadata', 'packs', 'sdk', 'sdk-manifests', 'shared', 'templates', 'tools'],
  },
  { folder: '.juliaup', parts: ['bin', 'julia-*', 'juliaup.json'] },
  { folder: '.swiftly', parts: ['bin', 'toolchains'] },
];

/** Homebrew's own homes, the same on every machine, and the one of MacPorts. */
export const HOMEBREW: Toolchain = { parts: BREW_PARTS, installations: ['', ...CELLAR] };
export const homebrewFolders = (platform: NodeJS.Platform) =>
  platform === 'darwin' ? ['/opt/homebrew', '/usr/local', '/opt/local'] : ['/home/linuxbrew/.linuxbrew'];

/** Folders of the system with installations that the system did not make; they are shown as parts of it. */
export const BESIDE_SYSTEM: Toolchain = { parts: [], installations: ['', '*'] };
export const BESIDE_SYSTEM_FOLDERS: readonly string[] = ['/opt', '/usr', '/usr/local'];
