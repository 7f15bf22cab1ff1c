import { budgetStep } from './budget-step.ts';
import { connectStep } from './connect-step.ts';
import { examineSetup } from './doctor/examine-setup.ts';
import { keyStep } from './key-step.ts';
import { modelStep } from './model-step.ts';
import { privacyStep } from './privacy-step.ts';
import { rulesStep } from './rules-step.ts';
import { sandboxStep } from './sandbox-step.ts';
import type { SetupContext, StepEnd } from './setup-context.ts';

const STEPS: readonly ((context: SetupContext) => Promise<StepEnd>)[] = [
  keyStep,
  modelStep,
  budgetStep,
  privacyStep,
  sandboxStep,
  connectStep,
  rulesStep,
];

/**
 * The whole set-up, step by step. Leaving ends it; what is done stays done, and Continue Set-Up goes on with the step that was left. The
 * rules at the end are a choice, so leaving them is one too.
 */
export async function runSetup(context: SetupContext): Promise<StepEnd> {
  const { ui, t, door } = context;
  if (!context.trusted) {
    await ui.notify('warning', t('This folder is open in Restricted Mode. Trust it first; then run Set Up… again.'));
    return 'stopped';
  }
  const ends: StepEnd[] = [];
  for (let from = 0; ; ) {
    const left = await walkSteps(context, from, ends);
    if (left === null) break;
    const again = t('Continue Set-Up');
    const answer = await ui.notify('info', t('Kimi Delegate is not set up completely. What is done is kept.'), [again]);
    if (answer !== again) return 'stopped';
    from = left;
  }
  // The rules are a choice, unless it was made beforehand.
  const rules = ends.pop();
  const skipped = ends.includes('skipped') || (Boolean(context.answers.rules) && rules !== 'done');
  const { check } = door;
  const answer = skipped
    ? await ui.notify('warning', t('Almost ready: a step was left out. What is missing is shown by: {0}', check), [check])
    : await ui.notify(
        'info',
        t(
          'Kimi Delegate is ready. Ask Claude Code for a feature, tests or a bug fix: it hands the work over by itself. Restart sessions that are open already.',
        ),
        [check],
      );
  if (answer === check) await showReport(context);
  return skipped ? 'skipped' : 'done';
}

/**
 * Goes from step to step, and back where the user wants to: to the last one that asked something.
 * @param ends how each step ended, filled here
 * @returns the step that the user left; null = there is none any more
 */
async function walkSteps(context: SetupContext, from: number, ends: StepEnd[]): Promise<number | null> {
  const asked: number[] = [];
  let goingBack = false;
  for (let index = from; index < STEPS.length; ) {
    const ui = context.ui.inStep({ step: index + 1, of: STEPS.length, canGoBack: asked.length > 0 });
    const end = await STEPS[index]!({ ...context, ui });
    context.refresh();
    const before = asked.at(-1);
    // What is settled by now asks nothing: whoever goes back wants to get to a question.
    goingBack = ui.wentBack() || (goingBack && !ui.hasAsked() && before !== undefined);
    if (goingBack && before !== undefined) {
      index = before;
      asked.pop();
      continue;
    }
    if (end === 'stopped' && STEPS[index] !== rulesStep) return index;
    ends[index] = end;
    if (ui.hasAsked()) asked.push(index);
    index += 1;
  }
  return null;
}

export async function showReport(context: SetupContext): Promise<void> {
  const { t } = context;
  const report = await context.ui.busy(t('Checking the set-up…'), () => examineSetup(context));
  if (report.findings.every(({ state }) => state !== 'bad')) context.works('everything');
  await context.ui.report(report);
}
