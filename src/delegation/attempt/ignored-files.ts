/** The ignored files of the user's checkout that an attempt gets; looked for once, when the first working tree is there. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { NeverSend } from '../../agent/never-send/never-send.ts';
import { readPlainFile } from '../../common/read-plain-file.ts';
import { type Message, message } from '../../messages/message.ts';
import { asListed, copyIgnored, findIgnored, NO_FILES } from '../../workspace/lend-ignored.ts';
import type { PrivateGit, Repository } from '../../workspace/types.ts';
import type { SetUp } from './set-up.ts';

/** What a withheld file may hold to be known by its content. */
const MOST_BYTES_KNOWN = 1024 * 1024;
const MOST_BYTES_OF_SETTINGS = 64 * 1024;
const MOST_BYTES_WITH_KEYS = 64 * 1024 * 1024;
const KEY_SIGNS = (['utf8', 'utf16le'] as const).map((encoding) => Buffer.from(' PRIVATE KEY', encoding));
/** How Yarn finds packages without node_modules. */
const PLUG_AND_PLAY = ['.pnp.cjs', '.pnp.loader.mjs', '.pnp.data.json', '.yarn/install-state.gz', '.yarn/build-state.yml'];
/** How Bundler finds gems that lie beside the Gemfile. */
const BUNDLER = '.bundle/config';
/** What else may stand there are logins. */
const BUNDLER_LINE =
  /^(?:---|)$|^BUNDLE_(?:BIN|BUILD__\w+|CACHE_ALL|CLEAN|DEPLOYMENT|DISABLE_SHARED_GEMS|FORCE_RUBY_PLATFORM|FROZEN|GEMFILE|JOBS|PATH(?:__SYSTEM)?|RETRY|SPECIFIC_PLATFORM|WITH|WITHOUT): /;

export interface LentFiles {
  /** Copies them into a working tree in which nothing runs. */
  fill(workTree: string): Promise<void>;
  /** As git lists them. */
  keptOut(): ReadonlySet<string>;
}

export function lentFiles(options: {
  /** What the set-up command made is lent as well. */
  setUp: Pick<SetUp, 'files'>;
  repository: Repository;
  privateGit: PrivateGit;
  setting: readonly string[];
  neverSend: NeverSend;
  signal: AbortSignal;
  /** For the report. */
  note(text: Message): void;
}): LentFiles {
  const { repository, neverSend } = options;
  let finding: Promise<{ root: string; paths: readonly string[] }[]> | null = null;
  let keptOut: ReadonlySet<string> = new Set();

  const find = async () => {
    const { privateGit, setting, signal } = options;
    const yarn = existsSync(path.join(repository.root, PLUG_AND_PLAY[0]!)) ? PLUG_AND_PLAY.map((file) => `/${file}`) : [];
    const bundler = isPlainBundler(repository.root) ? [`/${BUNDLER}`] : [];
    const found = await findIgnored(repository, privateGit, [...yarn, ...bundler, ...setting], neverSend.rules.isWithheld, signal).catch(
      (error: Error) => {
        options.note(message('lent.notFound', { why: error.message }));
        return NO_FILES;
      },
    );
    if (found.left > 0) options.note(message('lent.tooMuch', { left: found.left, files: found.paths.length }));
    const paths = found.paths.filter((file) => isOpen(repository.root, file));
    const shown = [...paths.slice(0, 5), ...(paths.length > 5 ? ['...'] : [])];
    if (paths.length > 0) options.note(message('lent.files', { files: shown.join(', ') }));
    const made = options.setUp.files();
    const fromSetUp = { root: made.root, paths: made.paths.filter((file) => isOpen(made.root, file)) };
    keptOut = asListed([...paths, ...fromSetUp.paths]);
    return [fromSetUp, { root: repository.root, paths }];
  };
  /** What stands in a file that is never sent must be known before a command can print it, and so must the keys in any other. */
  const isOpen = (root: string, file: string) => {
    if (!neverSend.rules.isWithheld(file)) {
      const bytes = readPlainFile(path.join(root, file), MOST_BYTES_WITH_KEYS, 'refused');
      if (bytes && KEY_SIGNS.some((sign) => bytes.includes(sign))) neverSend.learnKeysOf(file, bytes);
      return true;
    }
    const bytes = readPlainFile(path.join(root, file), MOST_BYTES_KNOWN, 'refused');
    if (bytes) neverSend.learn(file, bytes);
    return bytes !== null;
  };
  return {
    async fill(workTree) {
      finding ??= find();
      for (const { root, paths } of await finding) await copyIgnored(root, workTree, paths);
    },
    keptOut: () => keptOut,
  };
}

function isPlainBundler(root: string): boolean {
  const settings = readPlainFile(path.join(root, BUNDLER), MOST_BYTES_OF_SETTINGS, 'refused');
  return (
    settings
      ?.toString('utf8')
      .split(/\r?\n/)
      .every((line) => BUNDLER_LINE.test(line)) ?? false
  );
}
