import { examine } from './check/examine.ts';
import { checkPage } from './check/page.ts';
import { connectStep } from './claude-steps.ts';
import { keyStep } from './key-step.ts';
import type { SetupPlace, StepEnd } from './place.ts';
import { rulesStep } from './rules-step.ts';
import { budgetStep, modelStep, privacyStep, sandboxStep } from './work-steps.ts';

const STEPS: readonly ((place: SetupPlace) => Promise<StepEnd>)[] = [
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
export async function setUp(place: SetupPlace, from = 0, leftOut = false): Promise<void> {
  const { ui, t } = place;
  if (!place.trusted) {
    await ui.tell('warning', t('This folder is open in Restricted Mode. Trust it first; then run Set Up… again.'));
    return;
  }
  let skipped = leftOut;
  for (const [index, step] of STEPS.entries()) {
    if (index < from) continue;
    const end = await step(place);
    place.refresh();
    if (step === rulesStep) break;
    if (end === 'stopped') {
      const again = t('Continue Set-Up');
      if ((await ui.tell('info', t('Kimi Delegate is not set up completely. What is done is kept.'), [again])) === again)
        return setUp(place, index, skipped);
      return;
    }
    skipped ||= end === 'skipped';
  }
  const check = t('Check Setup');
  const answer = skipped
    ? await ui.tell('warning', t('Almost ready: a step was left out. Check Setup shows what is missing.'), [check])
    : await ui.tell(
        'info',
        t(
          'Kimi Delegate is ready. Ask Claude Code for a feature, tests or a bug fix: it hands the work over by itself. Sessions that run already have to be started again.',
        ),
        [check],
      );
  if (answer === check) await showCheck(place);
}

export async function showCheck(place: SetupPlace): Promise<void> {
  const { t } = place;
  const report = await place.ui.busy(t('Checking the set-up…'), () => examine(place));
  if (report.findings.every(({ state }) => state !== 'bad')) place.works('everything');
  await place.ui.page(t('Check Setup'), checkPage(report, place));
}
