import assert from 'node:assert/strict';
import { hasLeakedCall } from '../../src/agent/leaked-calls.ts';
import { parseArguments, storable } from '../../src/agent/run-tool-calls.ts';
import { quick } from '../quick.ts';
import { command, finish, play, write } from './harness.ts';

const TOOLS = ['read_file', 'run_command', 'finish'];

/** The same call as servers let it through that do not know the markup of their model. */
const LEAKED: Readonly<Record<string, string>> = {
  'Kimi K2':
    '<|tool_calls_section_begin|><|tool_call_begin|>functions.read_file:0<|tool_call_argument_begin|>{"path":"a"}<|tool_call_end|>',
  'Kimi K2, the end of it': 'functions.read_file:0 {"path":"a"}<|tool_call_end|><|tool_calls_section_end|>',
  'Kimi K2 without markers': 'I look.\nfunctions.read_file:0{"path":"a"}',
  'Kimi K2 without markers, on two lines': 'functions.run_command:12\n{"command": "npm test"}',
  'Kimi K3':
    '<|open|>tools<|sep|><|open|>call tool="read_file" index="1"<|sep|><|open|>argument key="path" type="string"<|sep|>a<|close|>argument<|sep|>',
  'Kimi K3 without markers': 'toolscall tool="read_file" index="1"argument key="path" type="string"a',
  Hermes: '<tool_call>\n{"name": "read_file", "arguments": {"path": "a"}}\n</tool_call>',
  Qwen: '<tool_call>\n<function=read_file>\n<parameter=path>\na\n</parameter>\n</function>\n</tool_call>',
  'Qwen, only the function': 'Let me see.\n<function=read_file>\n<parameter=path>a</parameter></function>',
  GLM: '<tool_call>read_file\n<arg_key>path</arg_key>\n<arg_value>a</arg_value></tool_call>',
  invoke: '<function_calls><invoke name="read_file"><parameter name="path">a</parameter></invoke></function_calls>',
  'a tag for each tool': 'Now:\n<read_file>\n<path>a</path>\n</read_file>',
  DeepSeek: '<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>read_file',
  Mistral: '[TOOL_CALLS][{"name": "read_file", "arguments": {"path": "a"}}]',
  'fenced JSON': 'I read it:\n```json\n{"name": "read_file", "arguments": {"path": "a"}}\n```',
  'fenced JSON with another tag': '```tool_call\n{"tool": "functions.read_file", "parameters": {"path": "a"}}\n```',
  'DeepSeek, its tags': '<｜DSML｜function_calls>\n<｜DSML｜invoke name="read_file">\n<｜DSML｜parameter name="path">a</｜DSML｜parameter>',
  'invoke in a namespace': "<ns:function_calls><ns:invoke name='read_file'><ns:parameter name='path'>a</ns:parameter></ns:invoke>",
  MiniMax: '<minimax:tool_call>\n<invoke name="read_file">\n<parameter name="path">a</parameter>\n</invoke>\n</minimax:tool_call>',
  'gpt-oss': '<|channel|>commentary to=functions.read_file <|constrain|>json<|message|>{"path":"a"}<|call|>',
  'gpt-oss without markers': 'commentary to=functions.read_file json{"path":"a"}',
  Llama: '<|python_tag|>{"name": "read_file", "parameters": {"path": "a"}}',
  'Llama, as Python': '[read_file(path="a"), run_command(command="npm test")]',
  Granite: '<|tool_call|> [{"arguments": {"path": "a"}, "name": "read_file"}]',
  Nemotron: '<TOOLCALL>[{"name": "read_file", "arguments": {"path": "a"}}]</TOOLCALL>',
  Hunyuan: '<tool_calls>[{"name": "read_file", "arguments": {"path": "a"}}]</tool_calls>',
  Functionary: '>>>read_file\n{"path": "a"}',
  Gemma: '```tool_code\nprint(read_file(path="a"))\n```',
  'thought and action': 'Thought: I look.\nAction: read_file\nAction Input: {"path": "a"}',
  'a function with JSON': '<function=read_file{"path": "a"}</function>',
  'GLM without arguments': '<tool_call>finish</tool_call>',
  'Qwen with a name': '<tool_call>\n<function name="read_file">',
  'a tag of another name': '<tool_use name="read_file">{"path": "a"}</tool_use>',
  'a list item': '1. {"name": "read_file", "arguments": {"path": "a"}}',
  'bare JSON': '{"name":"read_file","arguments":{"path":"a"}}',
  'a bare list': '[{"type":"function","function":"read_file","args":{"path":"a"}}]',
};

describe('a call that came as text', () => {
  for (const [dialect, text] of Object.entries(LEAKED)) {
    it(`${dialect}: is told from an answer`, () => assert.ok(hasLeakedCall(text, TOOLS)));
  }

  for (const text of [
    'I read read_file.ts and ran run_command; all tests pass.',
    'The parser now takes <tool_call> and <function=name> in any order.',
    'See functions.read_file in lib.ts:12 (it calls functions.foo).',
    '```json\n{"name": "my-package", "version": "1.0.0"}\n```',
    '```json\n{"name": "get_weather", "arguments": {"city": "Paris"}}\n```\nis what it prints.',
    '```ts\nread_file({ path: "a" });\n```',
    'Documented `<invoke name="other">` in the guide.',
    'Action: I let `run_command` refuse it.\nNext: read_file.',
    'Documented `to=functions.foo` and <tool_use name="other">.',
    '- [read_file](docs/read_file.md) says so; [run_command] too.',
    '>>> read_file("a")\n"text"',
    '```python\nread_file(path="a")\n```',
    'The guards count finish and [finish(ed)] alike.',
    '<div>{"name": "x"}</div>',
    '',
  ]) {
    it(`is not seen in ${JSON.stringify(text.slice(0, 50))}`, () => assert.equal(hasLeakedCall(text, TOOLS), false));
  }

  it('is looked for in little time, whatever the text is', () => {
    for (const piece of [
      '<tool_call> ',
      '[read_file(a=',
      '<a>',
      '<a> \n',
      '- ',
      '>>>read_file\n',
      'Action: read_file\n',
      '```tool_code ',
      'functions.a:1 ',
      '```',
      '<read_file>   ',
      '{"name": ',
      '<|open|>',
    ])
      quick(() => hasLeakedCall(piece.repeat(200_000), TOOLS), piece);
  });

  for (const dialect of ['Kimi K2 without markers', 'Kimi K3', 'Hermes', 'Qwen, only the function', 'fenced JSON', 'bare JSON']) {
    it(`${dialect}: is asked for again, in the text and in the thinking, and ends nothing`, async () => {
      const leaked = LEAKED[dialect]!;
      for (const turn of [{ text: `I go on.\n${leaked}` }, { text: leaked }, { reasoning: leaked, text: 'All done.' }]) {
        const { end, kimi } = await play([write('1'), command(), turn, finish()]);
        assert.equal(end.kind === 'finished' && end.summary, 'It counts.');
        assert.match(kimi.requests[3]!.body.toString(), /came as text and did not run/);
      }
    });
  }
});

describe('arguments that were encoded twice', () => {
  const twice = JSON.stringify(JSON.stringify({ path: 'a "b"' }));
  it('are taken, and stand in the history as they should have come', () => {
    assert.deepEqual(parseArguments(twice), { path: 'a "b"' });
    const call = { id: 'a', type: 'function' as const, function: { name: 'read_file', arguments: twice } };
    assert.equal(storable(call).function.arguments, JSON.stringify({ path: 'a "b"' }));
  });

  it('are refused when they are nested deeper than anything can walk through', () => {
    const deep = `{"path":${'['.repeat(7000)}${']'.repeat(7000)}}`;
    for (const text of [deep, JSON.stringify(deep)]) {
      assert.equal(parseArguments(text), null);
      const call = { id: 'a', type: 'function' as const, function: { name: 'read_file', arguments: text } };
      assert.match(storable(call).function.arguments, /^\{"__not_json__":/);
    }
  });

  it('are still refused when they are no object', () => {
    for (const text of ['"a"', '"\\"a\\""', '"[1]"', '"null"', '[]', '3']) assert.equal(parseArguments(text), null, text);
  });
});
