import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { addToList, JsonTextError, readList, removeFromList } from '../../src/claude/edit-json.ts';

const ALLOW = ['permissions', 'allow'];
const RULES = ['mcp__a__b', 'mcp__c__d'];

describe('changing a JSON text in place', () => {
  it('makes a whole file out of nothing', () => {
    const expected = '{\n  "permissions": {\n    "allow": [\n      "mcp__a__b",\n      "mcp__c__d"\n    ]\n  }\n}\n';
    assert.equal(addToList('', ALLOW, RULES), expected);
    assert.equal(addToList(' \n', ALLOW, RULES), expected);
  });

  const cases: [string, string, string][] = [
    ['an empty object', '{}', '{\n  "permissions": {\n    "allow": [\n      "mcp__a__b",\n      "mcp__c__d"\n    ]\n  }\n}'],
    [
      'two spaces',
      '{\n  "model": "opus",\n  "permissions": {\n    "allow": [\n      "Bash(ls)"\n    ],\n    "deny": []\n  }\n}\n',
      '{\n  "model": "opus",\n  "permissions": {\n    "allow": [\n      "Bash(ls)",\n      "mcp__a__b",\n      "mcp__c__d"\n    ],\n    "deny": []\n  }\n}\n',
    ],
    [
      'tabs',
      '{\n\t"x": 1.50\n}\n',
      '{\n\t"x": 1.50,\n\t"permissions": {\n\t\t"allow": [\n\t\t\t"mcp__a__b",\n\t\t\t"mcp__c__d"\n\t\t]\n\t}\n}\n',
    ],
    ['one line', '{"permissions": {"allow": ["Read", "Edit"]}}', '{"permissions": {"allow": ["Read", "Edit", "mcp__a__b", "mcp__c__d"]}}'],
    [
      'Windows line ends and a byte order mark',
      '\ufeff{\r\n    "permissions": {\r\n        "allow": []\r\n    }\r\n}\r\n',
      '\ufeff{\r\n    "permissions": {\r\n        "allow": [\r\n            "mcp__a__b",\r\n            "mcp__c__d"\r\n        ]\r\n    }\r\n}\r\n',
    ],
  ];
  for (const [name, before, after] of cases) {
    it(`keeps the form: ${name}`, () => {
      assert.equal(addToList(before, ALLOW, RULES), after);
      assert.deepEqual(readList(after, ALLOW).slice(-2), RULES);
    });
  }

  it('adds and removes without touching a character beside it', () => {
    const value = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.string({ unit: 'binary' }),
        fc.integer(),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(fc.string(), tie('value'), { maxKeys: 3 }),
      ),
    })).value;
    const settings = fc.record({
      before: fc.dictionary(
        fc.string().filter((key) => key !== 'permissions'),
        value,
        { maxKeys: 3 },
      ),
      permissions: fc.option(
        fc.record({ allow: fc.array(fc.string({ maxLength: 5 }), { maxLength: 3 }), deny: fc.array(fc.string()) }, { requiredKeys: [] }),
      ),
    });
    fc.assert(
      fc.property(
        settings,
        fc.constantFrom('', '  ', '    ', '\t'),
        fc.constantFrom('\n', '\r\n'),
        ({ before, permissions }, indent, eol) => {
          const whole = { ...before, ...(permissions && { permissions }) };
          const text = JSON.stringify(whole, null, indent).replaceAll('\n', eol);
          const added = addToList(text, ALLOW, RULES);
          assert.deepEqual(
            JSON.parse(added),
            JSON.parse(JSON.stringify({ ...before, permissions: { ...permissions, allow: [...(permissions?.allow ?? []), ...RULES] } })),
          );
          assert.equal(addToList(added, ALLOW, []), added);
          if (permissions?.allow && permissions.allow.length > 0) assert.equal(removeFromList(added, ALLOW, RULES), text);
          const removed = JSON.parse(removeFromList(added, ALLOW, RULES));
          assert.deepEqual(removed.permissions?.allow ?? [], permissions?.allow ?? []);
          assert.deepEqual({ ...removed, permissions: null }, JSON.parse(JSON.stringify({ ...before, permissions: null })));
        },
      ),
      { seed: 11, numRuns: 200 },
    );
  });

  it('says where a text is broken, and changes nothing', () => {
    const broken: [string, RegExp][] = [
      ['{\n  "a": 1,\n}', /line 3, column 1/],
      ['{"a": 1', /ends too early/],
      ['{"a": [1 2]}', /"," is missing at line 1, column 10/],
      ['{"a": 1} x', /more after the end/],
      ["{'a': 1}", /column 2/],
      ['{ // comment\n}', /line 1, column 3/],
      ['{"a": "\\x"}', /text is broken/],
    ];
    for (const [text, message] of broken) {
      assert.throws(
        () => addToList(text, ALLOW, RULES),
        (error: Error) => error instanceof JsonTextError && message.test(error.message),
        text,
      );
      assert.throws(() => JSON.parse(text));
    }
  });

  it('says of brackets in brackets, of which no parser comes back, that they are too deep', () => {
    for (const text of ['['.repeat(200_000), `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`])
      assert.throws(() => addToList(text, ['permissions', 'allow'], ['x']), JsonTextError);
  });

  it('refuses what has another shape', () => {
    assert.throws(() => addToList('{"permissions": []}', ALLOW, RULES), /permissions is not an object/);
    assert.throws(() => addToList('{"permissions": {"allow": {}}}', ALLOW, RULES), /permissions\.allow is not a list/);
    assert.throws(() => addToList('[]', ALLOW, RULES), /the whole is not an object/);
  });

  it('takes of a doubled key the one that counts', () => {
    assert.deepEqual(readList('{"permissions": {"allow": ["a"]}, "permissions": {"allow": ["b"]}}', ALLOW), ['b']);
  });
});
