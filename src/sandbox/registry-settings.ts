/**
 * Where users tell their tools of other registries than the public ones, a row a tool, and what of such a file says which: everything else in
 * it (tokens, logins, scripts) stays where it is.
 */
import { isOpen, withoutLogin } from './plain-addresses.ts';

export interface RegistrySettings {
  /** Below the home, or below the folder that `folder` names. */
  readonly file: string;
  /** Variables of the user's that may name the file itself. */
  readonly variables?: readonly string[];
  /** Variable of the user's that may name the folder, and what that is by default, below the home. */
  readonly folder?: readonly [variable: string, usual: string];
  /** Files of the system's that the tool reads as well; the user's own comes last and counts. */
  readonly system?: readonly string[];
  /** The part of a file that names registries. */
  keep(text: string): string;
}

const CONFIG = ['XDG_CONFIG_HOME', '.config'] as const;

export const REGISTRY_SETTINGS: readonly RegistrySettings[] = [
  {
    file: '.npmrc',
    variables: ['npm_config_userconfig', 'NPM_CONFIG_USERCONFIG'],
    keep: lines({ '': /^\s*(@[\w.-]+:)?registry\s*=\s*\S+$/ }),
  },
  { file: '.yarnrc', keep: lines({ '': /^"?(@[\w.-]+:)?registry"?\s+\S+$/ }) },
  { file: '.yarnrc.yml', keep: yarnSettings },
  {
    file: '.bunfig.toml',
    keep: lines({ '[install]': /^\s*registry\s*=\s*"[^"]*"$/, '[install.scopes]': /^\s*"?@?[\w-]+"?\s*=\s*"\w+:\/\/[^"]*"$/ }),
  },
  ...[{ file: 'pip/pip.conf', folder: CONFIG, variables: ['PIP_CONFIG_FILE'], system: ['/etc/pip.conf'] }, { file: '.pip/pip.conf' }].map(
    (place) => ({ ...place, keep: pipSettings }),
  ),
  {
    file: 'uv/uv.toml',
    folder: CONFIG,
    variables: ['UV_CONFIG_FILE'],
    system: ['/etc/uv/uv.toml'],
    keep: lines({
      '': /^\s*(index-url|extra-index-url|index-strategy)\s*=\s*("[^"]*"|\[[^\]]*\])$/,
      '[pip]': /^\s*(index-url|extra-index-url|index-strategy)\s*=\s*("[^"]*"|\[[^\]]*\])$/,
      '[[index]]': /^\s*(name|url|default|explicit|format)\s*=\s*("[^"]*"|true|false)$/,
    }),
  },
  {
    file: '.condarc',
    keep: yamlLists(/^(channels|default_channels)\s*:\s*$/),
  },
  ...['config.toml', 'config'].map((file) => ({
    file,
    folder: ['CARGO_HOME', '.cargo'] as const,
    keep: lines({
      '[source.*]': /^\s*(replace-with|registry)\s*=\s*"[^"]*"$/,
      '[registries.*]': /^\s*index\s*=\s*"[^"]*"$/,
      '[registry]': /^\s*default\s*=\s*"[^"]*"$/,
    }),
  })),
  { file: 'go/env', folder: CONFIG, variables: ['GOENV'], keep: lines({ '': /^(GOPROXY|GONOPROXY|GOPRIVATE|GOSUMDB|GONOSUMDB)=\S+$/ }) },
  { file: '.m2/settings.xml', keep: mavenSettings },
  { file: '.nuget/NuGet/NuGet.Config', keep: nugetSettings },
  { file: 'composer/config.json', folder: CONFIG, keep: composerSettings },
  { file: 'config.json', folder: ['COMPOSER_HOME', '.composer'], keep: composerSettings },
  { file: 'config', folder: ['BUNDLE_USER_HOME', '.bundle'], keep: lines({ '': /^BUNDLE_MIRROR__[^\s"']+:\s*["']?[^\s"']+["']?$/ }) },
  { file: '.gemrc', keep: yamlLists(/^:?sources\s*:\s*$/) },
];

/** The same by variables. */
export const REGISTRY_VARIABLES: readonly string[] = [
  ...[
    'npm_config_registry',
    'NPM_CONFIG_REGISTRY',
    'COREPACK_NPM_REGISTRY',
    'YARN_REGISTRY',
    'YARN_NPM_REGISTRY_SERVER',
    'BUN_CONFIG_REGISTRY',
  ],
  ...['PIP_INDEX_URL', 'PIP_EXTRA_INDEX_URL', 'UV_DEFAULT_INDEX', 'UV_INDEX', 'UV_INDEX_URL', 'UV_EXTRA_INDEX_URL', 'PIPENV_PYPI_MIRROR'],
  ...['GOPROXY', 'GONOPROXY', 'GOPRIVATE', 'GOSUMDB', 'GONOSUMDB', 'CARGO_REGISTRY_DEFAULT', 'RUSTUP_DIST_SERVER'],
  ...['HEX_MIRROR', 'PUB_HOSTED_URL', 'JULIA_PKG_SERVER', 'GEM_SOURCE'],
];

/**
 * Of files with `key = value` in sections: the lines that fit the pattern of their section (`*` in its name stands for any name).
 */
function lines(sections: Readonly<Record<string, RegExp>>): (text: string) => string {
  const patternOf = (heading: string) => sections[heading] ?? sections[heading.replace(/^(\[\w+\.)[\w."-]+\]$/, '$1*]')];
  return (text) => {
    const kept: string[] = [];
    let heading = '';
    let isSaid = true;
    for (const raw of text.split(/\r?\n/)) {
      const line = raw.replace(/\s+[#;].*$/, '').trimEnd();
      if (/^\s*\[/.test(line)) {
        heading = line.trim();
        isSaid = false;
      } else if (patternOf(heading)?.test(line)) {
        const open = withoutLogin(line);
        if (!isOpen(open)) continue;
        if (!isSaid) kept.push(heading);
        isSaid = true;
        kept.push(open);
      }
    }
    return kept.join('\n');
  };
}

/** pip goes on with a value on the lines below that are indented. */
function pipSettings(text: string): string {
  const joined = text.replaceAll(/\s+[#;].*$/gm, '').replaceAll(/\r?\n[ \t]+(?=\S)/g, ' ');
  const pattern = /^(index-url|extra-index-url)\s*[=:]\s*\S.*$/;
  return lines({ '[global]': pattern, '[install]': pattern, '[download]': pattern })(joined);
}

/** The lists below these keys. */
function yamlLists(key: RegExp): (text: string) => string {
  return (text) => {
    const kept: string[] = [];
    let isInside = false;
    for (const line of text.split(/\r?\n/)) {
      const item = /^\s*-\s*["']?([^\s"'#]+)["']?\s*$/.exec(line);
      if (!item) isInside = key.test(line);
      const open = withoutLogin(item?.[1] ?? '');
      if (!item && isInside) kept.push(line.trimEnd());
      if (item && isInside && isOpen(open)) kept.push(`- ${open}`);
    }
    return kept.length > 1 ? kept.join('\n') : '';
  };
}

function yarnSettings(text: string): string {
  const kept: string[] = [];
  let scope: string | null = null;
  let isInScopes = false;
  for (const line of text.split(/\r?\n/)) {
    if (/^\S/.test(line)) isInScopes = /^npmScopes:\s*$/.test(line);
    const name = /^ +(["']?[\w.-]+["']?):\s*$/.exec(line)?.[1];
    if (isInScopes && name) scope = name;
    const server = /^( *)npmRegistryServer:\s*["']?([^\s"']+)["']?\s*$/.exec(line);
    const open = withoutLogin(server?.[2] ?? '');
    if (!server || !isOpen(open)) continue;
    if (server[1] === '') kept.unshift(`npmRegistryServer: "${open}"`);
    else if (isInScopes && scope) {
      if (!kept.includes('npmScopes:')) kept.push('npmScopes:');
      kept.push(`  ${scope}:`, `    npmRegistryServer: "${open}"`);
    }
  }
  return kept.join('\n');
}

const withoutComments = (text: string) => text.replaceAll(/<!--[\s\S]*?-->/g, '');
const parts = (text: string, tag: string) =>
  [...text.matchAll(new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`, 'g'))].map(([, inner]) => inner!);
const element = (tag: string, inner: string) => (inner ? `<${tag}>${inner}</${tag}>` : '');

/** The elements with one of these names that hold only text. */
function plainElements(text: string, names: readonly string[]): string {
  return names
    .map((name) => element(name, withoutLogin(new RegExp(`<${name}>\\s*([^<>]+?)\\s*</${name}>`).exec(text)?.[1] ?? '')))
    .filter(isOpen)
    .join('');
}

function mavenSettings(text: string): string {
  const plain = withoutComments(text);
  const repositories = (inside: string, list: string, item: string) =>
    element(
      list,
      parts(inside, list)
        .flatMap((all) => parts(all, item))
        .map((one) => element(item, repository(one)))
        .join(''),
    );
  const repository = (one: string) => {
    const address = plainElements(one, ['id', 'url', 'layout']);
    const policies = ['releases', 'snapshots'].map((name) =>
      element(
        name,
        parts(one, name)
          .map((of) => plainElements(of, ['enabled']))
          .join(''),
      ),
    );
    return address.includes('<url>') ? address + policies.join('') : '';
  };
  const mirrors = parts(plain, 'mirror').map((one) => element('mirror', plainElements(one, ['id', 'name', 'mirrorOf', 'url', 'layout'])));
  const profiles = parts(plain, 'profile').map((one) => {
    const lists = repositories(one, 'repositories', 'repository') + repositories(one, 'pluginRepositories', 'pluginRepository');
    const activation = element('activation', plainElements(parts(one, 'activation').join(''), ['activeByDefault']));
    return lists && element('profile', plainElements(one, ['id']) + activation + lists);
  });
  const all = element('mirrors', mirrors.filter((one) => one.includes('<url>')).join('')) + element('profiles', profiles.join(''));
  const active = parts(plain, 'activeProfile').map((id) => plainElements(element('activeProfile', id), ['activeProfile']));
  return all && element('settings', all + element('activeProfiles', active.join('')));
}

function nugetSettings(text: string): string {
  const kept = ['packageSources', 'disabledPackageSources', 'packageSourceMapping'].map((section) => {
    const inner = parts(withoutComments(text), section).join('');
    const tags = inner.match(/<(add|clear|package|packageSource)(\s+[\w:]+="[^"<>]*")*\s*\/?>|<\/packageSource>/g) ?? [];
    return element(section, tags.map(withoutLogin).filter(isOpen).join('\n'));
  });
  return element('configuration', kept.join('\n').trim());
}

function composerSettings(text: string): string {
  const isPlain = (value: unknown) => typeof value === 'string' || typeof value === 'boolean' || Array.isArray(value);
  const names = ['type', 'url', 'name', 'canonical', 'only', 'exclude', 'packagist', 'packagist.org'];
  const repository = (given: unknown) => {
    if (given === false) return [given];
    const entries = Object.entries(Object(given) as object).filter(([key, value]) => names.includes(key) && isPlain(value));
    const kept: unknown = Object.fromEntries(entries);
    return isOpen(withoutLogin(JSON.stringify(kept))) ? [kept] : [];
  };
  const { repositories } = JSON.parse(text) as { repositories?: unknown };
  if (typeof repositories !== 'object' || repositories === null) return '';
  const clean = Array.isArray(repositories)
    ? repositories.flatMap(repository)
    : Object.fromEntries(Object.entries(repositories).flatMap(([name, one]) => repository(one).map((kept) => [name, kept])));
  const shown = withoutLogin(JSON.stringify({ repositories: clean }));
  return isOpen(shown) ? shown : '';
}
