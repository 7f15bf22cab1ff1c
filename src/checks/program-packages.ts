/** What brings a program that checks call and that no manifest of a project installs. */
import { type HostFacts, readHostFacts } from '../sandbox/host-facts.ts';
import { type Installer, installerOf, installPackages } from '../sandbox/system-packages.ts';

const COLUMNS: readonly Installer[] = ['apt', 'dnf', 'pacman', 'apk', 'zypper', 'brew'];
/** A program a line, and in which package each of these has it: "=" is one of the same name, "-" not known. */
const PACKAGES = `
aclocal         automake automake automake automake automake automake
autoconf        = = = = = =
automake        = = = = = =
autoreconf      autoconf autoconf autoconf autoconf autoconf autoconf
bats            = = = = = bats-core
bc              = = = = = =
bison           = = = = = =
c++             build-essential gcc-c++ gcc build-base gcc-c++ -
cargo           = = rust = = rust
cc              build-essential gcc gcc build-base gcc -
clang           = = = = = llvm
cmake           = = = = = =
composer        = = = = - =
ctest           cmake cmake cmake cmake cmake cmake
curl            = = = = = =
dot             graphviz graphviz graphviz graphviz graphviz graphviz
elixir          = = = = = =
erl             erlang erlang erlang erlang erlang erlang
expect          = = = = = =
ffmpeg          = - = = - =
fish            = = = = = =
flex            = = = = = =
g++             build-essential gcc-c++ gcc build-base gcc-c++ -
gawk            = = = = = =
gcc             build-essential = = build-base = =
gdb             = = = = = =
gfortran        = gcc-gfortran gcc-fortran = gcc-fortran gcc
git-lfs         = = = = = =
go              golang golang = = = =
gradle          = - = = - =
hg              mercurial mercurial mercurial mercurial mercurial mercurial
java            default-jdk java-devel jdk-openjdk - java-devel openjdk
javac           default-jdk java-devel jdk-openjdk - java-devel openjdk
jq              = = = = = =
lcov            = = - = = =
libtoolize      libtool libtool libtool libtool libtool libtool
luarocks        = = = - - =
m4              = = = = = =
make            = = = = = =
meson           = = = = = =
mix             elixir elixir elixir elixir elixir elixir
msgfmt          gettext gettext gettext gettext gettext-tools gettext
mvn             maven maven maven maven maven maven
ninja           ninja-build ninja-build ninja ninja ninja ninja
node            nodejs nodejs nodejs nodejs nodejs =
npm             = = = = - node
pandoc          = = = - = =
parallel        = = = = - =
perl            = = = = = =
php             php-cli php-cli = - - =
pip             python3-pip python3-pip python-pip py3-pip python3-pip python
pkg-config      = pkgconf-pkg-config pkgconf pkgconf = pkgconf
protoc          protobuf-compiler protobuf-compiler protobuf = - protobuf
prove           perl perl-Test-Harness perl - perl perl
psql            postgresql-client postgresql postgresql-libs postgresql-client postgresql libpq
python3         = = python = = python
redis-server    = redis - redis redis redis
rsync           = = = = = =
ruby            = = = = = =
rustc           = rust rust rust rust rust
shellcheck      = ShellCheck = = ShellCheck =
socat           = = = = = =
sqlite3         = sqlite sqlite sqlite = sqlite
svn             subversion subversion subversion subversion subversion subversion
tclsh           tcl tcl tcl tcl tcl tcl-tk
tmux            = = = = = =
unzip           = = = = = =
valgrind        = = = = = -
wget            = = = = = =
xmllint         libxml2-utils libxml2 libxml2 libxml2-utils libxml2-tools libxml2
xvfb-run        xvfb xorg-x11-server-Xvfb xorg-server-xvfb = - -
xxd             = - - = - -
zip             = = = = = =
zsh             = = = = = =
`;

/** Those that come by another tool, on every system. */
const BY_OTHERS: Readonly<Record<string, string>> = {
  bun: 'npm install -g bun',
  bundle: 'gem install bundler',
  hatch: 'pipx install hatch',
  nox: 'pipx install nox',
  pdm: 'pipx install pdm',
  pipenv: 'pipx install pipenv',
  pnpm: 'npm install -g pnpm',
  poetry: 'pipx install poetry',
  tox: 'pipx install tox',
  uv: 'pipx install uv',
  yarn: 'npm install -g yarn',
};

/**
 * @param program as the output of a check calls it, which is hostile: only names of these lists count
 * @returns a command for a terminal of the user's, or null
 */
export function programInstall(program: string, facts: HostFacts = readHostFacts()): string | null {
  if (Object.hasOwn(BY_OTHERS, program)) return BY_OTHERS[program]!;
  const installer = installerOf(facts);
  const line = PACKAGES.split('\n').find((one) => one.startsWith(`${program} `));
  if (installer === null || line === undefined) return null;
  const [, ...names] = line.split(/\s+/);
  const name = names[COLUMNS.indexOf(installer)];
  if (name === undefined || name === '-') return null;
  return installPackages(installer, [name === '=' ? program : name], facts);
}
