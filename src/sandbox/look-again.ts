/** What a sandbox shows and covers of the host, as that changes while it is open. */
import { coversLeft, type HostFolders } from './host-folders.ts';
import { forgetSeen } from './seen-lately.ts';

/** An attempt takes hours, and others write into what is shown meanwhile. With very many installations a look takes long. */
const AGAIN_MS = 30_000;
const TIMES_AS_LONG = 100;

interface LaterLooks {
  /** What is shown at first, and covered with what came since; what was covered once stays so. */
  now(): HostFolders;
  /** The same without covers of what is gone, or became something else. */
  afterSomethingWent(): HostFolders;
}

/** @param look at the host, once now and from time to time */
export function lookAgain(look: () => HostFolders): LaterLooks {
  const begin = performance.now();
  let host = look();
  let lookedAt = performance.now();
  const againMs = Math.max(AGAIN_MS, TIMES_AS_LONG * (lookedAt - begin));
  const withWhatCame = (known: HostFolders): HostFolders => {
    const places = new Set(known.covers.map(({ at }) => at));
    const came = look().covers.filter(({ at }) => !places.has(at));
    lookedAt = performance.now();
    return { ...known, covers: [...known.covers, ...came] };
  };
  return {
    now() {
      if (performance.now() - lookedAt >= againMs) host = withWhatCame(host);
      return host;
    },
    afterSomethingWent() {
      forgetSeen();
      host = withWhatCame({ ...host, covers: coversLeft(host.covers) });
      return host;
    },
  };
}
