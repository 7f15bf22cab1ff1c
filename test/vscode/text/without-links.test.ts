import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { shownPrompt, withoutIcons, withoutLinks } from '../../../src/vscode/text/without-links.ts';

/** As VS Code finds links in its messages (`parseLinkedText`). */
const LINK = /\[([^\]]+)\]\(((?:https?:\/\/|command:|file:)[^)\s]+)(?: (["'])(.+?)(\3))?\)/gi;

describe('messages of VS Code', () => {
  const sources = path.join(import.meta.dirname, '../../../src/vscode');

  it('make no link of what a model writes: names of files, commands, in any number and nesting', () => {
    for (const text of [
      'src/[stop](command:workbench.action.terminal.sendSequence?%7B%7D).ts would be overwritten',
      '$ echo [a](command:x)[b](https://evil.example)[c](file:///etc/passwd)',
      '[[a](command:x)](command:y)',
      '[a]\u200b(command:x) [a](COMMAND:x "title")',
      '[a]\u0000(command:x)',
    ])
      assert.doesNotMatch(withoutLinks(text), LINK, text);
    assert.equal(withoutLinks('src/app/[id]/page.tsx, f(x)[0]'), 'src/app/[id]/page.tsx, f(x)[0]');
  });

  it('draw no picture in lists', () => {
    assert.equal(withoutIcons('fix/$(check)-x $(sync~spin) $x (y)'), 'fix/$ (check)-x $ (sync~spin) $x (y)');
    const commands = readFileSync(path.join(sources, 'commands.ts'), 'utf8');
    assert.deepEqual(commands.match(/^ +(label|detail): (?!withoutIcons\().*$/gm), null);
  });

  it('are shown in one place, which takes the links out', () => {
    const files = readdirSync(sources, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
    const showing = files.filter((name) => /show(Information|Warning|Error)Message/.test(readFileSync(path.join(sources, name), 'utf8')));
    assert.deepEqual(showing, ['notify.ts']);
  });

  it('titles of progress, prompts and faults of input boxes are no exception', () => {
    const linking = /ProgressLocation\.Notification|\bvalidateInput:|\.validationMessage = |\.prompt = /;
    const texts = readdirSync(sources, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => ({ name, text: readFileSync(path.join(sources, name), 'utf8') }))
      .filter(({ text }) => linking.test(text));
    assert.ok(texts.length >= 5);
    assert.deepEqual(
      texts.filter(({ text }) => !/withoutLinks\(|shownPrompt\(/.test(text)).map(({ name }) => name),
      [],
    );
    // and of what VS Code draws pictures in
    const drawn = texts.flatMap(({ text }) => text.match(/(?:\bprompt:|\.prompt =|\.validationMessage =) .*withoutLinks\(.*/g) ?? []);
    assert.deepEqual(drawn, []);
    assert.equal(shownPrompt('[a](command:x) $(check)'), '[a] (command:x) $ (check)');
  });
});
