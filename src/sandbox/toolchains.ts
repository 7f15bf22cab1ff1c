export interface Toolchain {
  /** Part of a home that holds programs and no secrets; everything else in a home stays invisible. */
  readonly folder: string;
  /** Tells its programs where they are, since they would look below HOME, which is another one in a sandbox. */
  readonly variable?: string;
  /** What the variable names: a part of the folder. Default: the folder. */
  readonly names?: string;
}

export const TOOLCHAINS: readonly Toolchain[] = [
  { folder: '.nvm', variable: 'NVM_DIR' },
  { folder: '.fnm' },
  { folder: '.volta', variable: 'VOLTA_HOME' },
  { folder: '.nodenv' },
  { folder: '.n' },
  { folder: '.npm-global' },
  { folder: '.bun/bin' },
  { folder: '.deno/bin' },
  { folder: '.yarn/bin' },
  { folder: '.pyenv', variable: 'PYENV_ROOT' },
  { folder: '.rye' },
  { folder: '.pixi/bin' },
  { folder: '.pixi/envs' },
  { folder: 'miniconda3' },
  { folder: 'anaconda3' },
  { folder: 'miniforge3' },
  { folder: 'mambaforge' },
  { folder: '.cargo/bin' },
  { folder: '.rustup', variable: 'RUSTUP_HOME' },
  { folder: 'go/bin' },
  { folder: '.goenv' },
  { folder: '.rbenv', variable: 'RBENV_ROOT' },
  { folder: '.rvm' },
  { folder: '.sdkman', variable: 'SDKMAN_DIR' },
  { folder: '.jenv' },
  { folder: '.asdf', variable: 'ASDF_DATA_DIR' },
  { folder: '.proto' },
  { folder: '.ghcup' },
  { folder: '.cabal/bin' },
  { folder: '.elan' },
  { folder: '.opam' },
  { folder: '.dotnet', variable: 'DOTNET_ROOT' },
  { folder: '.juliaup' },
  { folder: '.swiftly' },
  { folder: '.linuxbrew' },
  { folder: '.cache/ms-playwright', variable: 'PLAYWRIGHT_BROWSERS_PATH' },
  { folder: '.local/bin' },
  { folder: '.local/lib' },
  { folder: '.local/pipx' },
  { folder: '.local/share/pipx' },
  { folder: '.local/share/uv', variable: 'UV_PYTHON_INSTALL_DIR', names: 'python' },
  { folder: '.local/share/mise', variable: 'MISE_DATA_DIR' },
  { folder: '.local/share/rtx' },
  { folder: '.local/share/fnm' },
  { folder: '.local/share/pnpm' },
];
