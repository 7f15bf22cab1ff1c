import type { SetupContext } from './setup-context.ts';

/** Into the user's settings; those of the folder win, and the user has to know. */
export async function writeSetting(context: SetupContext, name: 'model' | 'budget', value: unknown): Promise<void> {
  await context.settings.set(name, value);
  const counts = context.settings.get(name) ?? null;
  if (counts === (value ?? null)) return;
  const { ui, t, door } = context;
  await ui.notify(
    'warning',
    t('Kept for other folders. In this one its own settings count: {0} is {1}.', door.setting(name), String(counts)),
  );
}
