/** What administrators put among the folders of the system itself: sites and programs that they deployed, sources, services with their variables. */
import { basename, join } from 'node:path';
import { entriesIn, namesIn } from '../common/list-names.ts';
import { realPathOf } from '../common/real-path.ts';
import { secretTexts } from './secret-scripts.ts';
import { isKeptFromOthers } from './service-settings.ts';

/** What packages lay there and builds look for: of the kernel, its modules (each with `dkms.conf`), and of test libraries. */
const PACKAGED_SOURCES = /^(linux|kernels?$|debug$|python|google(test|mock)$|g(test|mock)$|gcc)/;
/** Below `share`, where the web servers of most systems look for what they serve. */
const SERVED = ['htdocs', 'html', 'public_html', 'webapps', 'www', 'wwwroot'];
const SITES = ['lib/cgi-bin', 'share/webapps', 'share/wordpress', 'share/phpmyadmin', 'share/nextcloud'];
const UNITS = ['lib/systemd/system', 'lib/systemd/user'];

/** Scripts of administrators for what watches or keeps services, beside those of packages. */
const ABOVE_SCRIPTS = ['lib', 'lib64', 'libexec', 'share'];
const SCRIPTS = /\/((alert|external)?scripts?|plugins|local|hooks|resource\.d|system-(sleep|shutdown)|custom[\w.-]*)$/;

/** Right in what is shared lie programs of packages with settings that an administrator fills in. */
const OF_SHARED = ['', 'conf', 'config', 'etc', 'include', 'pipeline', 'site', 'site/include'];
const OF_SETTINGS = /\/(conf|config|etc|pipeline)\/[^/]+\.(ya?ml|ini|conf|cfg|env|properties|toml|json|php|py|rb)$/;
const FILLED_IN =
  /^\.env|^(LocalSettings|configuration|custom|parameters)\.|(^|[-_.])(config|conf|settings?|local|database|db|secrets?|credentials?)([-_.]|$)/i;

/**
 * Folders and files of which nothing is to be seen; a link leads to what is shown, or not, as it is.
 * @param usr another folder in tests
 */
export function deployedInSystem(usr = '/usr'): string[] {
  const from = join(usr, 'src');
  const isPackaged = (name: string) => PACKAGED_SOURCES.test(name) || namesIn(join(from, name)).includes('dkms.conf');
  const sources = namesIn(from).flatMap((name) => (isPackaged(name) ? [] : [join(from, name)]));
  const served = namesIn(join(usr, 'share')).flatMap((name) => SERVED.map((part) => join(usr, 'share', name, part)));
  return [...sources, ...served, ...SITES.map((name) => join(usr, name)), ...homesIn(usr)].filter((path) => realPathOf(path) === path);
}

/** Services have homes here, with keys, histories and what others may not read; and so do people, on some machines. */
function homesIn(usr: string): string[] {
  const kept = namesIn(join(usr, 'share')).flatMap((name) =>
    filesIn(join(usr, 'share', name)).flatMap(({ path, isFolder }) =>
      (isFolder && basename(path).startsWith('.')) || /_history$/.test(path) || isKeptFromOthers(path) ? [path] : [],
    ),
  );
  return [join(usr, 'home'), ...kept];
}

/** Settings in which a password was written, and units that start a service with one among its variables. */
export function secretsInSystem(usr = '/usr'): string[] {
  const units = UNITS.flatMap((name) => filesIn(join(usr, name))).flatMap(({ path, isFolder }) =>
    isFolder && path.endsWith('.d') ? filesIn(path) : [{ path, isFolder }],
  );
  const shared = namesIn(join(usr, 'share')).flatMap((name) => OF_SHARED.flatMap((part) => filesIn(join(usr, 'share', name, part))));
  const filled = shared.filter(({ path }) => FILLED_IN.test(basename(path)) || OF_SETTINGS.test(path));
  return secretTexts([...units, ...filled, ...scriptsIn(usr)].flatMap(({ path, isFolder }) => (isFolder ? [] : [path])));
}

function scriptsIn(usr: string) {
  return ABOVE_SCRIPTS.flatMap((part) =>
    namesIn(join(usr, part)).flatMap((name) => {
      const folders = filesIn(join(usr, part, name)).filter(({ path, isFolder }) => isFolder && SCRIPTS.test(path));
      return folders.flatMap(({ path }) => filesIn(path).flatMap((one) => (one.isFolder ? filesIn(one.path) : [one])));
    }),
  );
}

/** None behind a link: it leads to /etc with most packages, where nothing is to be covered, nor can be. */
const filesIn = (folder: string) =>
  realPathOf(folder) !== folder
    ? []
    : entriesIn(folder).flatMap((entry) =>
        entry.isFile() || entry.isDirectory() ? [{ path: join(folder, entry.name), isFolder: entry.isDirectory() }] : [],
      );
