/**
 * Settings, with passwords in them, of what administrators and users install beside the system: in /usr/local, and in what of /opt is shown.
 * Servers for development lie there as well (Tomcat, WildFly, Hive, Airflow, XAMPP), whole, with what was deployed.
 */
import type { Dirent } from 'node:fs';
import { basename, join } from 'node:path';
import { entriesIn } from '../common/list-names.ts';

/** What programs are made of; no setting of somebody's lies there, but for those that {@link EXCEPT} names. */
const OF_PROGRAMS = new Set([
  ...['lib', 'lib32', 'lib64', 'libexec', 'include', 'share', 'man', 'doc', 'docs', 'jmods', 'jre', 'legal', 'modules', 'pkgs', 'src'],
  ...['node_modules', 'site-packages', 'targets', 'nvvm', 'extras', 'games', 'samples', 'examples', 'test', 'tests', '.install4j'],
  ...['platforms', 'platform-tools', 'build-tools', 'system-images', 'sources', 'ndk', 'emulator', 'cmake', 'plugins', 'libs', 'jars'],
]);
const EXCEPT = ['lib/R/etc', 'lib64/R/etc'];
/** What was deployed, with settings in the code, and what a service writes: none of it is a program. */
const DEPLOYED = new Set([
  ...['htdocs', 'public_html', 'user_projects', 'vhosts', 'webapps', 'wwwroot'],
  ...['backup', 'backups', 'dump', 'dumps', 'log', 'logs', 'spool', 'temp', 'tmp', 'uploads', 'var'],
]);
/** Whatever lies in these is a setting. */
const OF_SETTINGS = /(^|\/)(conf|config|configuration|etc|init\.d|R\/etc|WEB-INF|META-INF)$/;
const SETTINGS =
  /^\.env|^\.?(npmrc|pypirc|netrc|condarc)$|\.(cfg|cnf|conf|config|env|ini|properties|toml|xml|ya?ml)$|^(setenv|.*-env)\.sh$|^appsettings.*\.json$|^(Renviron|Rprofile)\.site$/i;
/** Keys and wallets are secrets whatever they hold. */
const SECRET_NAME =
  /passwd$|htpasswd|pgpass$|_history$|(^|[-_.])tokens?(\.txt)?$|secrets?\.|private[-_.]?key|credentials?(\.|$)|\.(key|keytab|pfx|p12|jks|keystore|sso|ppk|kdbx)$|^id_(rsa|dsa|ecdsa|ed25519)$/i;

/** Code is read where it is called as settings are; what else is in a language of programs is one, and speaks of passwords. */
const CODE =
  /\.([cm]?[jt]sx?|py|rb|php|pl|pm|lua|go|rs|java|kt|scala|groovy|clj|cs|fs|ex|exs|c|cc|cpp|h|hpp|swift|el|lisp|r|html?|css|md|rst)$/i;
const CODE_OF_SETTINGS = /(^|[-_.])(settings?|config(uration)?|conf|local|secrets?|credentials?|env(ironment)?|database|db)([-_.]|$)/i;
/** What programs are described by, with names of packages that may be called so. */
const MANIFESTS = /^(package(-lock)?|composer|manifest|tsconfig.*|jsconfig)\.json$/;

export const isSecretByName = (file: string): boolean => SECRET_NAME.test(basename(file));

/** Nobody's settings lie behind so many. */
const MOST_ENTRIES = 5000;

export interface ServiceSettings {
  /** Files in which a password may stand. */
  readonly files: readonly string[];
  /** All others but code: dumps, notes, starting scripts, settings of any other name. */
  readonly others: readonly string[];
  /** Folders of which nothing is to be seen. */
  readonly deployed: readonly string[];
}

/** @param folder an installation, or a folder with several; the nearest entries are looked at first */
export function settingsOfServices(folder: string): ServiceSettings {
  const files: string[] = [];
  const others: string[] = [];
  const deployed: string[] = [];
  const left = ['', ...EXCEPT];
  let entries = 0;
  for (let at = left.shift(); at !== undefined && entries < MOST_ENTRIES; at = left.shift()) {
    const isOfSettings = OF_SETTINGS.test(at);
    for (const { name, ...entry } of entriesIn(join(folder, at)).map(kindOf)) {
      entries++;
      const path = join(at, name);
      if (entry.isFile && (isOfSettings || SETTINGS.test(name) || SECRET_NAME.test(name))) files.push(join(folder, path));
      else if (entry.isFile && isLookedAt(name)) others.push(join(folder, path));
      else if (!entry.isFolder || OF_PROGRAMS.has(name)) continue;
      else if (DEPLOYED.has(name) || name.startsWith('.')) deployed.push(join(folder, path));
      else left.push(path);
    }
  }
  return { files, others, deployed };
}

const kindOf = (entry: Dirent) => ({ name: entry.name, isFile: entry.isFile(), isFolder: entry.isDirectory() });

const isLookedAt = (name: string): boolean => (!CODE.test(name) || CODE_OF_SETTINGS.test(name)) && !MANIFESTS.test(name);
