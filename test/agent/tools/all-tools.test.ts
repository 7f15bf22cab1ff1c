import assert from 'node:assert/strict';
import { tools } from '../../../src/agent/tools/all-tools.ts';
import { tempWorkspace } from './temp-workspace.ts';

const ALLOWED_KEYWORDS = new Set(['type', 'description', 'properties', 'required', 'items']);

describe('all tools', () => {
  it('come in a fixed order', () => {
    assert.deepEqual(
      tools.map((tool) => `${tool.name}:${tool.effect}`),
      ['read_file:read', 'write_file:write', 'edit_file:write', 'list_files:read', 'search:read', 'run_command:command', 'finish:finish'],
    );
  });

  it('keep to the schema subset and the name rule of the API', () => {
    for (const tool of tools) {
      assert.match(tool.name, /^[a-zA-Z_][a-zA-Z0-9-_]{2,63}$/);
      checkSchema(tool.parameters as unknown as Record<string, unknown>);
    }
    function checkSchema(schema: Record<string, unknown>): void {
      assert.equal(typeof schema['type'], 'string');
      for (const key of Object.keys(schema)) assert.ok(ALLOWED_KEYWORDS.has(key), key);
      const properties = (schema['properties'] ?? {}) as Record<string, Record<string, unknown>>;
      for (const name of (schema['required'] ?? []) as string[]) assert.ok(name in properties, name);
      for (const one of Object.values(properties)) checkSchema(one);
      if (schema['items'] !== undefined) checkSchema(schema['items'] as Record<string, unknown>);
    }
  });

  it('give a title for any arguments', () => {
    for (const tool of tools) {
      for (const args of [undefined, null, 1, 'x', [], {}, { path: 1 }]) assert.equal(typeof tool.title(args), 'string');
    }
    const titles = tools.map((tool) =>
      tool.title({
        path: 'src/a.ts',
        content: '',
        edits: [{ old_text: 'a', new_text: 'b' }],
        pattern: 'x',
        command: 'npm\n test',
        summary: 's',
        commit_message: 'Fix it\n\nmore',
      }),
    );
    assert.deepEqual(titles, ['src/a.ts', 'src/a.ts', 'src/a.ts', 'src/a.ts x', 'x in src/a.ts', 'npm test', 'Fix it']);
    assert.equal(tools[5]!.title({ command: 'x'.repeat(500) }).length, 80);
  });

  it('never throw, whatever the arguments are', async () => {
    const ws = tempWorkspace();
    try {
      const values = [
        undefined,
        null,
        0,
        '',
        'x',
        [],
        {},
        { path: [] },
        { path: '' },
        { path: 'a', edits: [null] },
        { pattern: 5 },
        { command: {} },
      ];
      for (const tool of tools) for (const args of values) assert.equal(typeof (await tool.run(args, ws.context)).text, 'string');
    } finally {
      ws.remove();
    }
  });

  it('wait for the workspace, but not after the attempt was stopped', async () => {
    const stop = new AbortController();
    const ws = tempWorkspace({ ready: new Promise(() => {}), signal: stop.signal });
    try {
      const calls = tools.map((tool) =>
        tool.run({ path: 'a', content: 'b', old_text: 'a', new_text: 'b', pattern: 'a', command: 'true', summary: 's' }, ws.context),
      );
      stop.abort();
      const results = await Promise.all(calls);
      assert.deepEqual(
        results.map((result) => result.summary),
        [...Array(6).fill('cancelled'), 'finished'],
      );
    } finally {
      ws.remove();
    }
  });

  it('say so when there is no workspace', async () => {
    const ready = Promise.reject(new Error('the disk is full'));
    ready.catch(() => {});
    const ws = tempWorkspace({ ready });
    try {
      const result = await tools[0]!.run({ path: 'a' }, ws.context);
      assert.match(result.text, /could not be prepared: the disk is full\. No tool can work; call finish/);
    } finally {
      ws.remove();
    }
  });

  it('end the work with a summary and a commit message', async () => {
    const ws = tempWorkspace();
    try {
      const finish = tools[6]!;
      const done = await finish.run({ summary: ' Done.\r\n\u001b[31mred ', commit_message: 'Fix it\n\nBecause.' }, ws.context);
      assert.deepEqual(done.finish, { summary: 'Done.\n[31mred', commitMessage: 'Fix it\n\nBecause.' });
      assert.equal((await finish.run({ summary: 'Done.' }, ws.context)).finish?.commitMessage, null);
      assert.equal(
        (await finish.run({ summary: 'x'.repeat(9_999), commit_message: 'y'.repeat(9_999) }, ws.context)).finish?.summary.length,
        4_000,
      );
      const wrong = await finish.run({ commit_message: 'x' }, ws.context);
      assert.equal(wrong.finish, undefined);
      assert.match(wrong.text, /`summary` is missing/);
    } finally {
      ws.remove();
    }
  });
});
