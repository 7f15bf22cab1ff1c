import * as vscode from 'vscode';
import type { Choice, Question, StepPlace, Ui } from '../../setup/ui.ts';
import { shownPath } from '../text/shown-path.ts';
import { shownPrompt, withoutIcons } from '../text/without-links.ts';

/** A question in a box that VS Code draws, with what its answer is. */
export interface Asked<T> {
  readonly box: vscode.QuickPick<Choice<T> & vscode.QuickPickItem> | vscode.InputBox;
  /** The answer that was accepted; null = it is none, and the box stays. */
  answer(): { readonly value: T | undefined } | null;
  pressed?(button: vscode.QuickInputButton): void;
}

interface Place extends StepPlace {
  back(): void;
}

/** Shows the question until it is answered or left; in a step with the count of the steps, and the button that leads back. */
export function ask<T>({ box, answer, pressed }: Asked<T>, place: Place | null): Promise<T | undefined> {
  box.ignoreFocusOut = true;
  if (place) Object.assign(box, { step: place.step, totalSteps: place.of });
  if (place?.canGoBack) box.buttons = [vscode.QuickInputButtons.Back, ...box.buttons];
  return new Promise((resolve) => {
    box.onDidTriggerButton((button) => {
      if (button !== vscode.QuickInputButtons.Back) return pressed?.(button);
      place?.back();
      box.hide();
    });
    box.onDidAccept(() => {
      const given = answer();
      if (!given) return;
      resolve(given.value);
      box.hide();
    });
    box.onDidHide(() => {
      resolve(undefined);
      box.dispose();
    });
    box.show();
  });
}

export function pickBox<T>({ title, placeholder, choices }: Question<T>): Asked<T> {
  const box = vscode.window.createQuickPick<Choice<T>>();
  Object.assign(box, { title: title && withoutIcons(title), placeholder, matchOnDetail: true });
  const items = choices.map((choice) => ({ ...choice, ...withoutIconsIn(choice) }));
  box.items = items;
  box.activeItems = items.filter(({ current }) => current).slice(0, 1);
  return { box, answer: () => ({ value: box.activeItems[0]?.value }) };
}

/** Names of folders and models stand in them. */
function withoutIconsIn({ label, description, detail }: Choice<unknown>) {
  return {
    label: shownPath(label),
    ...(description !== undefined && { description: withoutIcons(description) }),
    ...(detail !== undefined && { detail: withoutIcons(detail) }),
  };
}

/** An unfinished text is not called wrong before the user is done with it: an empty one says nothing. */
export function inputBox({ title, prompt, placeholder, secret, check, pages = [] }: Parameters<Ui['input']>[0]): Asked<string> {
  const box = vscode.window.createInputBox();
  Object.assign(box, { title: title && withoutIcons(title), prompt: prompt && shownPrompt(prompt), placeholder, password: secret });
  const buttons = pages.map(({ label, url }) => ({ iconPath: new vscode.ThemeIcon('link-external'), tooltip: label, url }));
  box.buttons = buttons;
  const complain = (wrong: string | null) => {
    box.validationMessage = wrong === null ? undefined : shownPrompt(wrong);
    return wrong !== null;
  };
  box.onDidChangeValue((value) => complain(value.trim() === '' ? null : check(value)));
  return {
    box,
    answer: () => (complain(check(box.value)) ? null : { value: box.value }),
    pressed(button) {
      const page = buttons.find((one) => one === button);
      if (page) void vscode.env.openExternal(vscode.Uri.parse(page.url));
    },
  };
}
