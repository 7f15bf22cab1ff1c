import assert from 'node:assert/strict';
import fc from 'fast-check';
import { helloReader } from '../../../src/sandbox/network/client-hello.ts';
import { tlsGuard } from '../../../src/sandbox/network/tls-guard.ts';
import { type Hello, hello, helloMessage, inRecords, named, serverHello } from './client-hellos.ts';

const HOST = 'good.example.org';

describe('first message of a TLS connection', () => {
  const readAll = (bytes: Buffer, size = bytes.length) => {
    const read = helloReader();
    let last: ReturnType<typeof read> = { kind: 'more' };
    for (let at = 0; at < bytes.length && last.kind === 'more'; at += size) last = read(bytes.subarray(at, at + size));
    return last;
  };

  it('tells the host, however it is cut into records and pieces', () => {
    const message = helloMessage(named('Good.Example.org'));
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 1, max: 300 }),
        fc.constantFrom(0, 1, 3, 4),
        (record, piece, version) => {
          const state = readAll(inRecords(message, record, version), piece);
          assert.ok(state.kind === 'hello');
          assert.equal(state.name, HOST);
        },
      ),
      { seed: 7 },
    );
  });

  const refused: readonly [string, Buffer, string][] = [
    ['plain HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: good.example.org\r\n\r\n'), 'plain'],
    ['SSH', Buffer.from('SSH-2.0-OpenSSH_9.6\r\n'), 'plain'],
    ['a hello of SSL 2', Buffer.from([0x80, 0x2e, 1, 3, 1]), 'plain'],
    ['application data without a handshake', Buffer.from([23, 3, 3, 0, 1, 0]), 'plain'],
    ['no name', hello({ names: null }), 'no-name'],
    [
      'two names',
      hello({
        names: [
          [0, HOST],
          [0, 'evil.example.org'],
        ],
      }),
      'malformed',
    ],
    [
      'two names, the second of another kind',
      hello({
        names: [
          [0, HOST],
          [1, 'evil.example.org'],
        ],
      }),
      'malformed',
    ],
    ['an empty name', hello(named('')), 'malformed'],
    ['no name in the list', hello({ names: [] }), 'malformed'],
    ['the extension twice', hello({ ...named(HOST), more: [[0, Buffer.from('000e00000b6576696c2e6578616d', 'hex')]] }), 'malformed'],
    ['an encrypted hello', hello({ ...named(HOST), more: [[0xfe0d, Buffer.alloc(40)]] }), 'hidden-name'],
    ['an encrypted name of the draft', hello({ ...named(HOST), more: [[0xffce, Buffer.alloc(40)]] }), 'hidden-name'],
    ['early data', hello({ ...named(HOST), more: [[42, Buffer.alloc(0)]] }), 'early-data'],
    ['a second message in the same record', hello({ ...named(HOST), behind: helloMessage(named('evil.example.org')) }), 'malformed'],
    ['a message of another kind', inRecords(Buffer.concat([Buffer.from([2]), helloMessage(named(HOST)).subarray(1)])), 'malformed'],
    ['an empty record', Buffer.concat([Buffer.from([22, 3, 1, 0, 0]), hello(named(HOST))]), 'malformed'],
    [
      'another record in between',
      Buffer.concat([inRecords(helloMessage(named(HOST)), 40).subarray(0, 45), Buffer.from([21, 3, 1, 0, 2, 1, 0])]),
      'malformed',
    ],
    ['another version of the record', inRecords(helloMessage(named(HOST)), undefined, 5), 'malformed'],
    ['more than is kept', inRecords(helloMessage({ ...named(HOST), more: [[21, Buffer.alloc(20_000)]] }), 16_000), 'malformed'],
    ['a name behind its list', hello({ names: null, more: [[0, Buffer.concat([Buffer.from([0, 0]), Buffer.from(HOST)])]] }), 'malformed'],
    ['a length that lies', Buffer.from('160301002d010000290303', 'hex'), 'more'],
  ];
  for (const [what, bytes, problem] of refused) {
    it(`refuses ${what}`, () => {
      for (const size of [bytes.length, 1]) {
        const state = readAll(bytes, size);
        assert.equal(state.kind === 'refused' ? state.problem : state.kind, problem);
      }
    });
  }

  it('refuses or asks for more, and throws at nothing', () => {
    const whole = helloMessage({ ...named(HOST), more: [[16, Buffer.from('000302683200', 'hex')]] });
    const changed = fc.tuple(fc.nat(whole.length - 1), fc.nat(255)).map(([at, value]) => {
      const bytes = Buffer.from(whole);
      bytes[at] = value;
      return inRecords(bytes);
    });
    const cut = fc.nat(whole.length - 1).map((length) => inRecords(whole.subarray(0, length + 1)));
    const random = fc.uint8Array({ maxLength: 200 }).map((bytes) => inRecords(Buffer.from([1, ...bytes])));
    fc.assert(
      fc.property(fc.oneof(changed, cut, random), (bytes) => {
        const state = readAll(bytes);
        if (state.kind === 'hello' && state.name === HOST) assert.ok(bytes.includes(HOST));
      }),
      { seed: 7, numRuns: 2000 },
    );
  });
});

describe('guard of a TLS connection', () => {
  const passed = (passage: ReturnType<ReturnType<typeof tlsGuard>['fromClient']>) =>
    'problem' in passage ? passage.problem : passage.pass.toString('latin1');
  const first = hello(named(HOST));
  const other = hello(named('evil.example.org'));
  const changeCipher = Buffer.from([20, 3, 3, 0, 1, 1]);
  const text = (bytes: Buffer) => bytes.toString('latin1');

  it('lets a connection to the host pass, and looks at nothing more', () => {
    const guard = tlsGuard(HOST);
    assert.equal(passed(guard.fromClient(first.subarray(0, 30))), '');
    assert.equal(passed(guard.fromClient(first.subarray(30))), text(first));
    assert.equal(passed(guard.fromServer(serverHello(false))), '');
    assert.ok(guard.isOpen());
    assert.equal(passed(guard.fromClient(other)), text(other));
  });

  it('refuses another name', () => {
    for (const name of ['evil.example.org', `${HOST}.`, `x.${HOST}`, `${HOST}\0.evil.org`, 'good.example.or', HOST.replace('g', 'ｇ')])
      assert.equal(passed(tlsGuard(HOST).fromClient(hello(named(name)))), 'other-name', name);
  });

  const seconds: readonly [string, Hello | null, string][] = [
    ['the same name', named(HOST), 'open'],
    ['another name', named('evil.example.org'), 'other-name'],
    ['no name', { names: null }, 'no-name'],
    ['a hidden name', { ...named(HOST), more: [[0xfe0d, Buffer.alloc(9)]] }, 'hidden-name'],
  ];
  for (const [what, second, result] of seconds) {
    for (const before of [Buffer.alloc(0), changeCipher]) {
      for (const ahead of [false, true]) {
        it(`takes a second hello with ${what} for ${result}${before.length > 0 ? ', behind a change of ciphers' : ''}${ahead ? ', sent ahead' : ''}`, () => {
          const guard = tlsGuard(HOST);
          const then = Buffer.concat([before, hello(second ?? {})]);
          let last: string;
          if (ahead) {
            assert.equal(passed(guard.fromClient(Buffer.concat([first, then]))), text(first));
            assert.equal(passed(guard.fromServer(serverHello(true).subarray(0, 20))), '');
            last = passed(guard.fromServer(serverHello(true).subarray(20)));
          } else {
            guard.fromClient(first);
            assert.equal(passed(guard.fromServer(serverHello(true))), '');
            for (const byte of then.subarray(0, -1)) assert.equal(passed(guard.fromClient(Buffer.from([byte]))), '');
            last = passed(guard.fromClient(then.subarray(-1)));
          }
          assert.equal(last, result === 'open' ? text(then) : result);
          assert.equal(guard.isOpen(), result === 'open');
        });
      }
    }
  }

  it('holds what is sent ahead until the server has answered, and not too much of it', () => {
    const guard = tlsGuard(HOST);
    guard.fromClient(first);
    assert.equal(passed(guard.fromClient(other)), '');
    assert.equal(passed(guard.fromServer(Buffer.from([21, 3, 3, 0, 2, 1, 112]))), '', 'a warning is no answer');
    assert.equal(passed(guard.fromServer(serverHello(false))), text(other), 'a server that goes on reads no second hello');
    const greedy = tlsGuard(HOST);
    greedy.fromClient(first);
    assert.equal(passed(greedy.fromClient(Buffer.alloc(5000))), 'malformed');
  });

  it('finds the answer behind a warning', () => {
    const guard = tlsGuard(HOST);
    guard.fromClient(first);
    guard.fromServer(Buffer.concat([Buffer.from([21, 3, 3, 0, 2, 1, 112]), serverHello(true)]));
    assert.equal(passed(guard.fromClient(other)), 'other-name');
  });

  it('finds it behind a change of ciphers, and takes none in pieces', () => {
    const guard = tlsGuard(HOST);
    guard.fromClient(first);
    guard.fromServer(Buffer.concat([changeCipher, serverHello(true)]));
    assert.equal(passed(guard.fromClient(other)), 'other-name');
    for (const size of [0, 1, 10, 37]) {
      const cut = tlsGuard(HOST);
      cut.fromClient(first);
      const record = size === 0 ? Buffer.from([22, 3, 3, 0, 0]) : inRecords(serverHello(true).subarray(5), size, 3);
      assert.equal(passed(cut.fromServer(record)), 'malformed', String(size));
    }
  });
});
