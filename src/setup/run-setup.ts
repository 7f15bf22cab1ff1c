import { budgetStep } from './budget-step.ts';
import { connectStep } from './connect-step.ts';
import { examineSetup } from './doctor/examine-setup.ts';
import { reportPage } from './doctor/setup-report.ts';
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
export async function runSetup(context: SetupContext, from = 0, leftOut = false): Promise<StepEnd> {
  const { ui, t, door } = context;
  if (!context.trusted) {
    await ui.notify('warning', t('This folder is open in Restricted Mode. Trust it first; then run Set Up… again.'));
    return 'stopped';
  }
  let skipped = leftOut;
  for (const [index, step] of STEPS.entries()) {
    if (index < from) continue;
    const end = await step(context);
    context.refresh();
    if (step === rulesStep) {
      // A choice, unless it was made beforehand.
      skipped ||= Boolean(context.answers.rules) && end !== 'done';
      break;
    }
    if (end === 'stopped') {
      const again = t('Continue Set-Up');
      if ((await ui.notify('info', t('Kimi Delegate is not set up completely. What is done is kept.'), [again])) === again)
        return runSetup(context, index, skipped);
      return 'stopped';
    }
    skipped ||= end === 'skipped';
  }
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

export async function showReport(context: SetupContext): Promise<void> {
  const { t } = context;
  const report = await context.ui.busy(t('Checking the set-up…'), () => examineSetup(context));
  if (report.findings.every(({ state }) => state !== 'bad')) context.works('everything');
  const open = report.findings.flatMap(({ state, subject }) => (state === 'good' ? [] : [subject]));
  await context.ui.page(t('Check Setup'), reportPage(report, context), open);
}
