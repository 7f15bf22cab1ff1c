import type { SetupContext } from './setup-context.ts';

/** One thing that is taken away at a yes. */
export interface Removal {
  /** As the question names it. */
  readonly shown: string;
  /** All that would go by it, as it is now. */
  now(): Promise<unknown> | unknown;
  /**
   * @param isStill to be asked once more behind whatever else is asked on the way
   * @returns whether it is gone; why not was told
   */
  undo(isStill: () => Promise<boolean>): Promise<boolean> | boolean;
}

/** The same, bound to what there was to see. */
export interface BoundRemoval {
  readonly shown: string;
  undo(): Promise<boolean>;
}

/**
 * Binds a removal to what its question has named: that may stand for minutes, while another window, a terminal or the user writes. What is
 * something else by then stays, and that is told. To be called before the question is asked.
 */
export async function asShown({ ui, t }: Pick<SetupContext, 'ui' | 't'>, { shown, now, undo }: Removal): Promise<BoundRemoval> {
  const look = async () => JSON.stringify(await now());
  const before = await look();
  const isStill = async () => {
    if ((await look()) === before) return true;
    await ui.notify('error', t('This was changed while you were asked, and stays as it is: {0}', shown));
    return false;
  };
  return { shown, undo: async () => (await isStill()) && undo(isStill) };
}
