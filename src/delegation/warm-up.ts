import { createClient } from '../agent/client.ts';
import { listTree } from '../workspace/read-objects.ts';
import { openRepository } from '../workspace/repository.ts';
import { writeFirstMessages } from './first-messages.ts';

/**
 * Does once, while the client has not called yet, what the first call will do before its request leaves: the code is compiled then
 * and git's files are in memory. Only reads; a folder that is no repository is fine.
 */
export async function warmUp(folder: string): Promise<void> {
  const opened = await openRepository(folder);
  if (!opened.ok) return;
  const { repository } = opened;
  const parent = repository.head.commit;
  const files = await listTree(repository, parent);
  const start = { kind: 'feature', task: 'src/index.ts', parent } as const;
  await writeFirstMessages({
    start: { ...start, checks: [], scope: [] },
    source: repository,
    files,
    shownRoot: repository.root,
    disclosure: 'silent',
    previous: null,
  });
  await createClient({ baseUrl: 'https://localhost/v1', apiKey: 'none', model: 'none' }, 1000);
}
