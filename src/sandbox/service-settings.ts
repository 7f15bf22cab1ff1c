/**
 * Settings, with passwords in them, of what administrators and users install beside the system: in /usr/local, and in what of /opt is shown.
 * Servers for development lie there as well (Tomcat, WildFly, Hive, Airflow, XAMPP), whole, with what was deployed.
 */
import { basename, join } from 'node:path';
import { entriesIn } from '../common/list-names.ts';

/** What programs are made of; no setting of somebody's lies there, but for those that {@link EXCEPT} names. */
const OF_PROGRAMS = new Set([
  ...['lib', 'lib32', 'lib64', 'libexec', 'include', 'share', 'man', 'doc', 'docs', 'jmods', 'jre', 'legal', 'modules', 'pkgs', 'src'],
  ...['node_modules', 'site-packages', 'targets', 'nvvm', 'extras', 'games', 'samples', 'examples', 'test', 'tests', '.git'],
  ...['platforms', 'platform-tools', 'build-tools', 'system-images', 'sources', 'ndk', 'emulator', 'cmake', 'plugins', 'libs', 'jars'],
]);
const EXCEPT = ['lib/R/etc', 'lib64/R/etc'];
/** What was deployed, with settings in the code: none of it is a program. */
const DEPLOYED = new Set(['htdocs', 'public_html', 'user_projects', 'vhosts', 'webapps', 'wwwroot']);
/** Whatever lies in these is a setting. */
const OF_SETTINGS = /(^|\/)(conf|config|configuration|etc|init\.d|R\/etc|WEB-INF|META-INF)$/;
const SETTINGS =
  /^\.env|^\.?(npmrc|pypirc|netrc|condarc)$|\.(cfg|cnf|conf|config|env|ini|properties|toml|ya?ml)$|^(setenv|.*-env)\.sh$|^appsettings.*\.json$|^(Renviron|Rprofile)\.site$/i;
/** Keys and wallets are secrets whatever they hold. */
const SECRET_NAME =
  /passwd$|htpasswd|secrets?\.|private[-_.]?key|credentials?(\.|$)|\.(key|keytab|pfx|p12|jks|keystore|sso|ppk|kdbx)$|^id_(rsa|dsa|ecdsa|ed25519)$/i;

export const isSecretByName = (file: string): boolean => SECRET_NAME.test(basename(file));

/** Nobody's settings lie behind so many. */
const MOST_ENTRIES = 5000;

export interface ServiceSettings {
  /** Files in which a password may stand. */
  readonly files: readonly string[];
  /** Folders of which nothing is to be seen. */
  readonly deployed: readonly string[];
}

/** @param folder an installation, or a folder with several; the nearest entries are looked at first */
export function settingsOfServices(folder: string): ServiceSettings {
  const files: string[] = [];
  const deployed: string[] = [];
  const left = ['', ...EXCEPT];
  let entries = 0;
  for (let at = left.shift(); at !== undefined && entries < MOST_ENTRIES; at = left.shift()) {
    const isOfSettings = OF_SETTINGS.test(at);
    for (const entry of entriesIn(join(folder, at))) {
      entries++;
      const path = join(at, entry.name);
      if (entry.isFile() && (isOfSettings || SETTINGS.test(entry.name) || SECRET_NAME.test(entry.name))) files.push(join(folder, path));
      else if (!entry.isDirectory() || OF_PROGRAMS.has(entry.name)) continue;
      else if (DEPLOYED.has(entry.name)) deployed.push(join(folder, path));
      else left.push(path);
    }
  }
  return { files, deployed };
}
