import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { type Broker, type BrokerOptions, startBroker } from '../../src/broker/broker.ts';
import { findWindow, lookForWindow, removeDeadWindows } from '../../src/broker/find-window.ts';
import { newNonce, prove, questionParts, type WindowAnswer } from '../../src/broker/protocol.ts';
import { resolveSettings } from '../../src/config.ts';
import { message } from '../../src/messages/message.ts';
import { gitIn, makeRepository } from '../e2e/world.ts';
import { english } from '../messages/english.ts';

const FAST = { timeoutMs: 2000 };

describe('the broker between a window and the servers', () => {
  let folder: string;
  let stateDir: string;
  let closing: (() => unknown)[];

  beforeEach(() => {
    folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-broker-')));
    stateDir = path.join(folder, 'state');
    closing = [];
  });
  afterEach(async () => {
    for (const close of closing) await close();
    rmSync(folder, { recursive: true, force: true });
  });

  const answer = (more: Partial<WindowAnswer> = {}): WindowAnswer => ({
    key: 'sk-window-key',
    settings: { maxSteps: 7 },
    trusted: true,
    consent: 'granted',
    ...more,
  });
  async function broker(folders: string[], more: Partial<BrokerOptions> = {}): Promise<Broker> {
    for (const each of folders) mkdirSync(each, { recursive: true });
    const started = await startBroker({
      stateDir,
      version: '1.2.3',
      folders,
      answer: async () => answer(),
      askConsent: async () => 'denied',
      ...more,
    });
    closing.push(() => started.close());
    return started;
  }
  const at = (...names: string[]) => path.join(folder, ...names);
  const discovery = (b: Broker) => JSON.parse(readFileSync(b.discoveryFile, 'utf8'));

  it('gives key and settings to a server that asks for a repository in the window', async () => {
    await broker([at('work')]);
    mkdirSync(at('work/app'));
    const found = await findWindow(stateDir, at('work/app'), FAST);
    assert.equal(found?.source, 'window');
    assert.deepEqual(found?.label, message('origin.window', { folder: at('work') }));
    assert.equal(found?.values.maxSteps, 7);
    assert.equal(found?.values.apiKey, 'sk-window-key');
    assert.equal(found?.consent, 'granted');
    const resolved = resolveSettings([found!]);
    assert.ok(resolved.ok);
    assert.equal(english(resolved.settings.origins.maxSteps.from), `claudeKimi.maxSteps in the VS Code window on ${at('work')}`);
  });

  it('asks anew each time, so that a change counts at once', async () => {
    let maxSteps = 10;
    await broker([at('work')], { answer: async () => answer({ settings: { maxSteps } }) });
    assert.equal((await findWindow(stateDir, at('work'), FAST))?.values.maxSteps, 10);
    maxSteps = 20;
    assert.equal((await findWindow(stateDir, at('work'), FAST))?.values.maxSteps, 20);
  });

  it('answers however much a folder has set, and however many folders are open: without a window nobody knows what the user refuses', async () => {
    const checks = Array.from({ length: 10 }, (_, n) => `${'"'.repeat(10_000)}${n}`);
    await broker([at('work'), ...Array.from({ length: 400 }, (_, n) => at(`other${n}`))], {
      answer: async () => answer({ settings: { checks }, consent: 'denied' }),
    });
    const found = await findWindow(stateDir, at('other399'), FAST);
    assert.deepEqual([found?.consent, found?.values.checks], ['denied', checks]);
  });

  it('finds no window for a repository elsewhere, nor for a folder whose name only begins alike', async () => {
    await broker([at('work')]);
    mkdirSync(at('workshop'));
    assert.equal(await findWindow(stateDir, at('workshop'), FAST), null);
    assert.equal(await findWindow(stateDir, folder + 2, FAST), null);
  });

  it('answers null before anything else happens when there is no window', async () => {
    let answered = false;
    void findWindow(stateDir, folder, FAST).then((window) => (answered = window === null));
    await Promise.resolve(); // no timer, no disk, no socket can be waited for in one turn of the microtasks
    await Promise.resolve();
    assert.ok(answered);
  });

  it('takes the window with the longest folder, and the newest of equal ones', async () => {
    const named = (name: string) => ({ answer: async () => answer({ settings: { model: name } }) });
    const model = async () => (await findWindow(stateDir, at('work/app'), FAST))?.values.model;
    await broker([at('work')], { ...named('outer'), now: () => 5 });
    assert.equal(await model(), 'outer');
    await broker([at('work/app')], { ...named('old'), now: () => 1 });
    assert.equal(await model(), 'old');
    const newest = await broker([at('work/app')], { ...named('new'), now: () => 2 });
    assert.equal(await model(), 'new');
    await newest.close();
    assert.equal(await model(), 'old');
  });

  it('takes the window on a part of the repository when none holds the whole', async () => {
    await broker([at('work/packages/a')]);
    assert.equal((await findWindow(stateDir, at('work'), FAST))?.values.maxSteps, 7);
  });

  it('knows that a linked worktree elsewhere belongs to the window of its repository, and believes no false pointer', async () => {
    makeRepository(at('work/app'));
    gitIn(at('work/app'), 'worktree', 'add', '-q', '-b', 'side', at('elsewhere'));
    const asked: string[] = [];
    await broker([at('work')], {
      answer: async (repository) => {
        asked.push(repository);
        return answer();
      },
    });
    const found = await findWindow(stateDir, at('elsewhere'), FAST);
    assert.equal(found?.values.maxSteps, 7);
    assert.deepEqual(found?.label, message('origin.window', { folder: at('work') }));
    assert.deepEqual(asked, [at('elsewhere')], 'the window is told which working tree it is, as it may be forbidden by itself');
    mkdirSync(at('stranger'));
    writeFileSync(at('stranger/.git'), readFileSync(at('elsewhere/.git')));
    assert.equal(await findWindow(stateDir, at('stranger'), FAST), null);
  });

  it('is a window, however many and long its folders are', async () => {
    const many = Array.from({ length: 20_001 }, (_, index) => at(`work/${index}`));
    const long = Array.from({ length: 9000 }, (_, index) => at(`work/${'x'.repeat(200)}/${'y'.repeat(200)}${index}`));
    for (const folders of [many, long]) {
      const opened = await startBroker({
        stateDir,
        version: '1',
        folders,
        answer: async () => ({ key: null, settings: {}, trusted: true, consent: 'denied' }),
        askConsent: async () => 'ask',
      });
      assert.equal((await findWindow(stateDir, folders[7]!, { timeoutMs: 3000 }))?.consent, 'denied');
      await opened.close();
    }
  });

  it('follows the folders of the window', async () => {
    const b = await broker([at('one')]);
    mkdirSync(at('two'));
    assert.equal(await findWindow(stateDir, at('two'), FAST), null);
    b.setFolders([at('two')]);
    assert.ok(await findWindow(stateDir, at('two'), FAST));
    assert.equal(await findWindow(stateDir, at('one'), FAST), null);
  });

  it('gives no key in an untrusted window', async () => {
    await broker([at('work')], { answer: async () => answer({ trusted: false, settings: { sandbox: 'required' } }) });
    const found = await findWindow(stateDir, at('work'), FAST);
    assert.equal(found?.trusted, false);
    assert.equal(found?.values.apiKey, undefined);
    assert.equal(found?.values.sandbox, 'required');
  });

  it('asks the user for consent, and stops asking when the server gives up', async () => {
    const asked: string[] = [];
    const gaveUp = Promise.withResolvers<void>();
    let decide: 'granted' | 'wait' = 'granted';
    await broker([at('work')], {
      answer: async () => answer({ consent: 'ask' }),
      askConsent: async (repository, signal, client) => {
        asked.push(`${client} in ${repository}`);
        if (decide === 'granted') return 'granted';
        return new Promise((resolve) =>
          signal.addEventListener('abort', () => {
            gaveUp.resolve();
            resolve('ask');
          }),
        );
      },
    });
    const found = await findWindow(stateDir, at('work'), FAST);
    assert.equal(found?.consent, 'ask');
    assert.equal(await found?.askConsent('claude-code', new AbortController().signal), 'granted');
    decide = 'wait';
    const cancel = new AbortController();
    const answered = found?.askConsent('x'.repeat(200), cancel.signal);
    while (asked.length < 2) await new Promise(setImmediate);
    cancel.abort();
    assert.equal(await answered, 'ask');
    await gaveUp.promise;
    assert.deepEqual(asked, [`claude-code in ${at('work')}`, `${'x'.repeat(100)} in ${at('work')}`]);
  });

  it('keeps its files to the user', async () => {
    const b = await broker([at('work')]);
    assert.equal(statSync(b.discoveryFile).mode & 0o777, 0o600);
    assert.equal(statSync(path.dirname(b.discoveryFile)).mode & 0o777, 0o700);
    assert.equal(statSync(path.dirname(discovery(b).socket)).mode & 0o777, 0o700);
    assert.doesNotMatch(readFileSync(b.discoveryFile, 'utf8'), /sk-window-key/);
  });

  it('removes its files when it closes', async () => {
    const b = await broker([at('work')]);
    const { socket } = discovery(b);
    await b.close();
    assert.ok(!existsSync(b.discoveryFile));
    assert.ok(!existsSync(path.dirname(socket)));
  });

  it('takes the file of a window that is gone out of the way, and leaves one that does not answer', async () => {
    const b = await broker([at('work')]);
    const dead = { ...discovery(b), id: 'dead', socket: at('nothing-listens'), startedAt: Date.now() + 1000 };
    writeFileSync(path.join(stateDir, 'windows', 'dead.json'), JSON.stringify(dead));
    const hanging = await listen(at('hangs'), () => {});
    closing.push(() => hanging.close());
    writeFileSync(
      path.join(stateDir, 'windows', 'hangs.json'),
      JSON.stringify({ ...dead, id: 'hangs', socket: at('hangs'), startedAt: 0 }),
    );
    assert.equal((await lookForWindow(stateDir, at('work'), FAST))?.consent, 'silent', 'what the user refuses there is not known');
    const records = readdirSync(path.join(stateDir, 'windows')).filter((name) => name.endsWith('.json'));
    assert.deepEqual(records.sort(), [path.basename(b.discoveryFile), 'hangs.json'].sort());
    writeFileSync(path.join(stateDir, 'windows', 'dead.json'), JSON.stringify(dead));
    await removeDeadWindows(stateDir);
    assert.ok(!existsSync(path.join(stateDir, 'windows', 'dead.json')));
    assert.ok(existsSync(b.discoveryFile));
  });

  it('leaves the file of a window on another machine, which shares the home, for as long as that may be open', async () => {
    const b = await broker([at('work')]);
    assert.equal(discovery(b).host, hostname());
    const elsewhere = (id: string, startedAt: number) => {
      const file = path.join(stateDir, 'windows', `${id}.json`);
      writeFileSync(file, JSON.stringify({ ...discovery(b), id, socket: at('not-here'), host: 'another-machine', startedAt }));
      return file;
    };
    const [open, old] = [elsewhere('open', Date.now() - 1000), elsewhere('old', 0)];
    assert.equal((await findWindow(stateDir, at('work'), FAST))?.values.maxSteps, 7);
    await removeDeadWindows(stateDir);
    assert.deepEqual([open, old].map(existsSync), [true, false]);
    await b.close();
    assert.equal(await lookForWindow(stateDir, at('work'), FAST), null, 'and it holds nobody up');
  });

  it('removes the socket folder of a window that was killed, and no other file that a discovery file may name', async () => {
    mkdirSync(path.join(stateDir, 'windows'), { recursive: true });
    const leftBehind = async (id: string, directory: string) => {
      const socket = path.join(directory, 's');
      const script = `require('node:net').createServer().listen(${JSON.stringify(socket)}, () => console.log('listens'))`;
      const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
      await once(child.stdout, 'data');
      child.kill('SIGKILL');
      await once(child, 'exit');
      const discovery = { v: 1, id, socket, secret: newNonce(), folders: [at('work')], version: '1', startedAt: 1 };
      writeFileSync(path.join(stateDir, 'windows', `${id}.json`), JSON.stringify(discovery));
      return socket;
    };
    mkdirSync(at('mine'));
    const [killed, foreign] = [await leftBehind('killed', mkdtempSync(at('kimi-win-'))), await leftBehind('foreign', at('mine'))];
    assert.equal(await findWindow(stateDir, at('work'), FAST), null);
    assert.ok(!existsSync(path.dirname(killed)), 'the folder is gone');
    assert.ok(existsSync(foreign), 'not ours, so it stays');
    assert.deepEqual(readdirSync(path.join(stateDir, 'windows')), []);
    const full = await leftBehind('full', mkdtempSync(at('kimi-win-')));
    writeFileSync(path.join(path.dirname(full), 'note'), '');
    await removeDeadWindows(stateDir);
    assert.ok(!existsSync(full) && existsSync(path.dirname(full)), 'what we did not put there stays');
  });

  it('gives up on a window that hangs, in the time that is allowed', async () => {
    const hanging = await listen(at('hangs'), () => {});
    closing.push(() => hanging.close());
    publish({ socket: at('hangs') });
    assert.equal(await findWindow(stateDir, at('work'), { timeoutMs: 100 }), null);
    assert.equal((await lookForWindow(stateDir, at('work'), { timeoutMs: 100 }))?.consent, 'silent');
  });

  it('believes no answer of something that does not know the secret', async () => {
    const impostor = await listen(at('impostor'), (socket) => {
      socket.write(`${JSON.stringify({ v: 1, nonce: newNonce() })}\n`);
      socket.once('data', () =>
        socket.end(
          `${JSON.stringify({ answer: JSON.stringify(answer({ settings: { baseUrl: 'https://evil.example' } })), proof: newNonce() })}\n`,
        ),
      );
    });
    closing.push(() => impostor.close());
    publish({ socket: at('impostor') });
    assert.equal(await findWindow(stateDir, at('work'), FAST), null);
  });

  it('believes no answer that was given to another question', async () => {
    const b = await broker([at('work')]);
    const real = discovery(b);
    // Passes everything on to the real window, but asks about another repository than the server did.
    const between = await listen(at('between'), (socket) => {
      const window = connect(real.socket);
      window.on('error', () => {});
      window.on('data', (data) => socket.write(data));
      window.on('close', () => socket.destroy());
      socket.on('data', (data) => window.write(String(data).replace(at('work/b'), at('work/a'))));
    });
    closing.push(() => between.close());
    writeFileSync(b.discoveryFile, JSON.stringify({ ...real, socket: at('between') }));
    assert.ok(await findWindow(stateDir, at('work/a'), FAST));
    assert.equal(await findWindow(stateDir, at('work/b'), FAST), null);
  });

  it('says nothing to who cannot prove to know the secret, plays no proof twice, and survives rubbish', async () => {
    const b = await broker([at('work')]);
    const { socket, secret } = discovery(b);
    const question = (nonce: string, key: string) => {
      const q = { v: 1 as const, nonce: newNonce(), ask: 'settings' as const, repository: at('work') };
      return `${JSON.stringify({ ...q, proof: prove(key, questionParts(nonce, q)) })}\n`;
    };
    assert.equal(await talk(socket, (nonce) => question(nonce, newNonce())), '');
    const valid: string[] = [];
    const good = await talk(socket, (nonce) => {
      valid.push(question(nonce, secret));
      return valid[0]!;
    });
    assert.match(good, /sk-window-key/);
    assert.equal(await talk(socket, () => valid[0]!), '');
    assert.equal(await talk(socket, () => 'rubbish\n'), '');
    assert.equal(await talk(socket, () => 'x'.repeat(1_000_000)), '');
    assert.ok(await findWindow(stateDir, at('work'), FAST));
  });

  it('gives no answer when the window cannot make one', async () => {
    const log: string[] = [];
    await broker([at('work')], { answer: () => Promise.reject(new Error('no secret storage')), log: (line) => log.push(line) });
    assert.equal(await findWindow(stateDir, at('work'), FAST), null);
    assert.match(log.join(), /no secret storage/);
  });

  it('reads over discovery files that are none', async () => {
    await broker([at('work')]);
    for (const [name, text] of [
      ['a.json', '{'],
      ['b.json', '{"v":99}'],
      ['c.json', 'x'.repeat(300_000)],
      ['d.txt', ''],
    ] as const)
      writeFileSync(path.join(stateDir, 'windows', name), text);
    assert.ok(await findWindow(stateDir, at('work'), FAST));
  });

  function publish(more: object): void {
    mkdirSync(path.join(stateDir, 'windows'), { recursive: true });
    const whole = { v: 1, id: 'other', socket: '', secret: newNonce(), folders: [at('work')], version: '1', startedAt: 1, ...more };
    writeFileSync(path.join(stateDir, 'windows', 'other.json'), JSON.stringify(whole));
  }
});

function listen(address: string, onConnection: (socket: import('node:net').Socket) => void): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    onConnection(socket);
  });
  const close = server.close.bind(server);
  const open = new Set<import('node:net').Socket>();
  server.on('connection', (socket) => open.add(socket));
  server.close = (done) => {
    for (const socket of open) socket.destroy();
    return close(done);
  };
  return new Promise((resolve) => server.listen(address, () => resolve(server)));
}

/** Sends what `say` makes of the challenge; resolves with everything that came after it, when the window hangs up. */
function talk(address: string, say: (nonce: string) => string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(address);
    let heard = '';
    let asked = false;
    socket.on('error', () => {});
    socket.on('data', (data) => {
      heard += data;
      const end = heard.indexOf('\n');
      if (asked || end < 0) return;
      asked = true;
      const nonce = JSON.parse(heard.slice(0, end)).nonce;
      heard = heard.slice(end + 1);
      socket.write(say(nonce));
    });
    socket.on('close', () => resolve(heard));
  });
}
