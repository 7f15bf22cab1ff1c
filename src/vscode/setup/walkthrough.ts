import * as vscode from 'vscode';

/** The steps of the walkthrough in package.json, by their ids. */
type Step = 'key' | 'consent' | 'sandbox' | 'connect' | 'handOver' | 'decide';

export interface Walkthrough extends vscode.Disposable {
  /** What is known of some steps by now. What was done once stays ticked: VS Code remembers it. */
  tell(steps: Partial<Record<Step, boolean>>): void;
}

/**
 * Ticks the steps that are done. VS Code looks at the context keys of steps only when these change, and never ticks a step whose key is set
 * already when it reads the walkthrough, which may be as late as the user opens it (`registerDoneListeners` in gettingStartedService.ts). So keys
 * are set for a moment only: when a step is done, and when an editor comes up that is none of a file, as the walkthrough is.
 */
export function createWalkthrough(): Walkthrough {
  const done = new Set<Step>();
  const opened = vscode.window.tabGroups.onDidChangeTabs((tabs) => {
    if ([...tabs.opened, ...tabs.changed].some(({ input }) => input === undefined)) void tick([...done]);
  });
  return {
    tell(steps) {
      const now = (Object.keys(steps) as Step[]).filter((step) => steps[step] && !done.has(step));
      for (const step of now) done.add(step);
      if (now.length > 0) void tick(now);
    },
    dispose: () => opened.dispose(),
  };
}

async function tick(steps: readonly Step[]): Promise<void> {
  for (const value of [true, false])
    await Promise.all(steps.map((step) => vscode.commands.executeCommand('setContext', `claudeKimi.done.${step}`, value)));
}
