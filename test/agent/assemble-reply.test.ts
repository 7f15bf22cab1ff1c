import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ReplyAssembler } from '../../src/agent/model/assemble-reply.ts';
import { quick } from '../quick.ts';

describe('stream', () => {
  const assemble = (...deltas: unknown[]) => {
    const assembler = new ReplyAssembler();
    for (const delta of deltas) assembler.add({ choices: [{ index: 0, delta }] });
    return assembler.reply();
  };

  it('makes ids unique in one answer and fills in missing ones', () => {
    const call = (index: number, id?: string) => ({ tool_calls: [{ index, id, function: { name: 'read_file', arguments: '{}' } }] });
    const ids = assemble(call(0, 'functions.read_file:0'), call(1, 'functions.read_file:0'), call(2)).calls.map(({ id }) => id);
    assert.deepEqual(ids, ['functions.read_file:0', 'functions.read_file:0_', 'read_file:2']);
  });

  it('ends at a thousand calls, quickly whatever their ids and places are', () => {
    const call = (more: object) => ({ tool_calls: [{ ...more, function: { name: 'run', arguments: '{}' } }] });
    const all = Array.from({ length: 5000 }, (_, at) => at);
    const kinds = {
      'one id': () => ({ id: 'a' }),
      'places and one id': (index: number) => ({ index, id: 'a' }),
      'own ids': (at: number) => ({ id: `a${at}` }),
    };
    for (const [what, more] of Object.entries(kinds)) {
      const assembler = new ReplyAssembler();
      const { calls } = quick(() => {
        for (const at of all) assembler.add({ choices: [{ delta: call(more(at)) }] });
        return assembler.reply();
      });
      assert.ok(calls.length <= 1000 && new Set(calls.map(({ id }) => id)).size === calls.length, what);
      assert.equal(assembler.runsAway, calls.length === 1000, what);
    }
    assert.equal(assemble(...all.slice(0, 900).map((index) => call({ index, id: 'a' }))).calls.length, 900);
  });

  it('ends where it is longer than any answer, by whatever part of it', () => {
    const long = Array.from({ length: 100_000 }, (_, at) => at).join(' ');
    const parts = {
      text: { content: long },
      thinking: { reasoning_content: long },
      arguments: { tool_calls: [{ index: 0, function: { name: 'run', arguments: long } }] },
    };
    for (const [what, delta] of Object.entries(parts)) {
      const assembler = new ReplyAssembler();
      for (let at = 0; at < 20; at++) {
        assembler.add({ choices: [{ delta }] });
        if (at < 12) assert.ok(!assembler.runsAway, what);
      }
      assert.ok(assembler.runsAway, what);
    }
  });

  it('takes pieces that look like an end quickly', () => {
    const named = (args: string) => ({ tool_calls: [{ index: 0, function: { name: 'run', arguments: args } }] });
    quick(() => assemble(named('{"x":"'), ...Array.from({ length: 50_000 }, () => named('\\"'))));
  });

  it('takes arguments in very many pieces quickly', () => {
    const pieces = Array.from({ length: 20_000 }, (_, n) => `{"${n}`);
    const deltas = pieces.map((args) => ({ tool_calls: [{ index: 0, function: { arguments: args } }] }));
    const named = { tool_calls: [{ index: 0, function: { name: 'run', arguments: '{}' } }] };
    const [call] = quick(() => assemble(named, ...deltas)).calls;
    assert.equal(call!.function.arguments, pieces.join(''), 'without the empty object in front');
  });

  it('takes a new id at an old index for a new call', () => {
    const call = (id: string) => ({ tool_calls: [{ index: 0, id, function: { name: 'read_file', arguments: '{}' } }] });
    assert.equal(assemble(call('a'), call('b')).calls.length, 2);
  });

  it('keeps the arguments together when every delta has an id of its own', () => {
    const piece = (id: string, fn: Record<string, string>) => ({ tool_calls: [{ index: 0, id, function: fn }] });
    const whole = [{ id: 'a', type: 'function', function: { name: 'run', arguments: '{"x":{"y":1}}' } }];
    assert.deepEqual(
      assemble(piece('a', { name: 'run' }), piece('b', { arguments: '{"x":{"y"' }), piece('c', { arguments: ':1}}' })).calls,
      whole,
    );
    const named = (id: string, args: string) => piece(id, { name: 'run', arguments: args });
    assert.deepEqual(assemble(named('a', ''), named('b', '{"x":{"y"'), named('c', ':1}'), named('d', '}')).calls, whole);
    const two = assemble(named('a', '{"x":1}'), named('b', '{"x"'), piece('c', { arguments: ':2}' })).calls;
    assert.deepEqual(
      two.map(({ id, function: fn }) => [id, fn.arguments]),
      [
        ['a', '{"x":1}'],
        ['b', '{"x":2}'],
      ],
    );
  });

  describe('parallel calls that nothing but their content tells apart', () => {
    const piece = (place: object, name: string | undefined, args: string) => ({
      tool_calls: [{ ...place, type: 'function', function: { ...(name && { name }), arguments: args } }],
    });
    const found = (...deltas: unknown[]) => assemble(...deltas).calls.map(({ function: fn }) => [fn.name, fn.arguments]);
    const read = (name: string) => ['read_file', `{"path":"${name}"}`];
    for (const [how, place] of [
      ['all at index 0', { index: 0 }],
      ['without an index', {}],
      ['without an index, ids empty', { id: '' }],
      ['at index 0, ids null', { index: 0, id: null }],
    ] as const) {
      it(`${how}: whole, in pieces, and of one name`, () => {
        const whole = found(
          piece(place, 'read_file', '{"path":"a"}'),
          piece(place, 'read_file', '{"path":"b"}'),
          piece(place, 'run', '{}'),
        );
        assert.deepEqual(whole, [read('a'), read('b'), ['run', '{}']]);
        const inPieces = found(
          ...[piece(place, 'read_file', ''), piece(place, undefined, '{"path"'), piece(place, undefined, ':"a"}')],
          ...[
            piece(place, 'read_file', ''),
            piece(place, undefined, '{"path":"b"}'),
            piece(place, 'list_files', ''),
            piece(place, undefined, '{}'),
          ],
        );
        assert.deepEqual(inPieces, [read('a'), read('b'), ['list_files', '{}']]);
      });

      it(`${how}: with arguments that are encoded twice`, () => {
        const twice = (name: string) => JSON.stringify(JSON.stringify({ path: name }));
        const cut = twice('b').length - 4;
        assert.deepEqual(
          found(
            piece(place, 'read_file', twice('a "x"')),
            piece(place, 'read_file', twice('b').slice(0, cut)),
            piece(place, undefined, twice('b').slice(cut)),
            piece(place, 'run', '{}'),
          ),
          [
            ['read_file', twice('a "x"')],
            ['read_file', twice('b')],
            ['run', '{}'],
          ],
        );
      });

      it(`${how}: a name in each delta, also behind the arguments, is one call`, () => {
        const pieces = ['', '{"path"', ':"a"}', ''].map((args) => piece(place, 'read_file', args));
        assert.deepEqual(found(...pieces), [read('a')]);
      });

      it(`${how}: a name behind the arguments, and an empty object before them`, () => {
        assert.deepEqual(found(piece(place, undefined, '{"path":"a"}'), piece(place, 'read_file', '')), [read('a')]);
        const opened = [piece(place, 'read_file', '{}'), piece(place, undefined, '{"path"'), piece(place, undefined, ':"a"}')];
        assert.deepEqual(found(...opened), [read('a')]);
      });
    }
  });

  it('takes thinking from where it stands', () => {
    assert.equal(assemble({ reasoning_content: '', reasoning: 'I' }, { reasoning: ' see' }).reasoning, 'I see');
    assert.equal(assemble({ reasoning_content: 'I', reasoning: 'I' }).reasoning, 'I');
    assert.equal(assemble({ reasoning: 'I' }).reasoningField, 'reasoning');
    assert.equal(assemble({ reasoning_content: 'I', reasoning: 'I' }).reasoningField, 'reasoning_content');
    assert.equal(assemble({ content: 'Done.' }).reasoningField, 'reasoning_content');
  });

  it('counts the calls that have no name', () => {
    const reply = assemble({ content: 'Now:', tool_calls: [{ index: 0, id: 'a', function: { name: '', arguments: '{}' } }] });
    assert.deepEqual([reply.calls.length, reply.droppedCalls], [0, 1]);
  });

  it('counts what a call without a name has written, which is billed like any other', () => {
    const piece = (text: string) => ({ tool_calls: [{ index: 0, function: { arguments: text } }] });
    assert.equal(assemble(piece('{"a":"'), piece('x"}')).droppedCharacters, 9);
    assert.equal('droppedCharacters' in assemble({ content: 'x' }), false);
  });

  it('puts calls without an index together', () => {
    const { calls } = assemble(
      { tool_calls: [{ id: 'a', function: { name: 'run', arguments: '{"x"' } }] },
      { tool_calls: [{ function: { arguments: ':1}' } }] },
    );
    assert.deepEqual(calls, [{ id: 'a', type: 'function', function: { name: 'run', arguments: '{"x":1}' } }]);
  });

  it('survives whatever a server sends', () => {
    fc.assert(
      fc.property(fc.array(fc.anything()), (chunks) => {
        const assembler = new ReplyAssembler();
        for (const chunk of chunks) assembler.add({ choices: [{ delta: chunk }, chunk], usage: chunk });
        for (const chunk of chunks) assembler.add(chunk);
        assert.equal(typeof assembler.reply().text, 'string');
      }),
      { seed: 11 },
    );
  });
});
