import { preload } from '../../agent/model/kimi-client.ts';
import { warmUpHttp } from '../../agent/model/warm-up-http.ts';
import { neverSend } from '../../agent/never-send/never-send.ts';
import { probeSandbox } from '../../sandbox/sandbox.ts';
import { openRepository } from '../../workspace/open-repository.ts';
import { listTree } from '../../workspace/read-objects.ts';
import { writeFirstMessages } from './first-messages.ts';
import { checksAtHead, noPrefetch } from './prefetch.ts';

/**
 * Does once, while the client has not called yet, what the first call will do before its request leaves: the code is compiled then
 * and git's files are in memory. Changes nothing; a folder that is no repository is fine.
 */
export async function warmUp(folder: string): Promise<void> {
  await Promise.all([preload(), probeSandbox(), warmUpReading(folder), warmUpHttp()]);
}

async function warmUpReading(folder: string): Promise<void> {
  const opened = await openRepository(folder);
  if (!opened.ok) return;
  const { repository } = opened;
  const parent = repository.head.commit;
  const files = await listTree(repository, parent);
  const start = { kind: 'feature', task: 'src/index.ts:1', parent } as const;
  await checksAtHead(repository, start.task);
  await writeFirstMessages({
    start: { ...start, checks: [], scope: [], maxSteps: 1 },
    source: repository,
    tree: parent,
    files,
    shownRoot: repository.root,
    disclosure: 'silent',
    commandSeconds: 1,
    earlier: [],
    prefetched: noPrefetch,
    neverSend: neverSend(),
  });
}
