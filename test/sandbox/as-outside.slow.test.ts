/** What programs ask of their surroundings besides files, outside and inside. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeSandboxWorld, openOrFail, runIn } from './sandbox-world.ts';

/** Of these a command has what we give it: the kernel counts some for all programs of the user, and nothing leaves an image of its memory. */
const OWN_LIMITS = 'max user processes|open files|core file|pending signals|message queues';

const LOOK = [
  'locale; printf "%s\\n" b A a B é | sort | tr "\\n" " "; perl -MPOSIX -e "print setlocale(LC_ALL, q()), POSIX::localeconv()->{decimal_point}, qq(\\n)"',
  'date +%Z%z; date -d "2026-07-01 12:00" +%Z%z; perl -MPOSIX -e "print strftime(q(%Z), localtime 1782900000), qq(\\n)"; cat /etc/timezone; readlink /etc/localtime',
  'cd "$(mktemp -d)"; umask; umask -S; : > file; mkdir folder; stat -c %a file folder',
  `for hard in "" H; do ulimit -"$hard"a | grep -vE "${OWN_LIMITS}"; done`,
];

/** A terminal of its own: what asks for one gets one, with sizes, signals of keys and jobs. */
const TERMINAL = [
  `script -qec 'tty | tr -d 0-9; test -t 0 && test -t 2 && echo both; stty rows 30 cols 99; stty size; exit 3' /dev/null; echo "$?"`,
  `python3 -c 'import pty, sys; sys.exit(pty.spawn(["sh", "-c", "test -t 1 && echo terminal; exit 5"]) >> 8)'; echo "$?"`,
  `script -qec 'bash -ic "sleep 50 & kill %1; wait %1; echo \\$?"' /dev/null 2>&1 | grep -v "^\\[" | tail -1`,
  `python3 - <<'END'
import os, pty, signal, sys, termios
child, terminal = pty.fork()
if child == 0:
    signal.signal(signal.SIGINT, lambda *_: os._exit(7))
    print('ready', flush=True)
    signal.pause()
while b'ready' not in os.read(terminal, 100):
    pass
os.write(terminal, b'\\x03')
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
print(os.ttyname(os.openpty()[1])[:9], os.path.exists('/dev/ptmx'), sys.stdout.isatty())
END`,
];

describe('the surroundings of a command', () => {
  for (const [umask, set] of [
    [0o022, {}],
    [0o077, { LANG: 'C.UTF-8', LC_TIME: 'C', LC_COLLATE: 'C', LANGUAGE: 'de:en', TZ: 'Asia/Shanghai' }],
    [0o002, { LC_ALL: 'C', LC_NUMERIC: 'C.UTF-8', TZ: 'CET-1CEST' }],
  ] as const)
    it(`are as outside: umask ${umask.toString(8)}, ${Object.keys(set).join(', ') || 'no locale, no time zone'}`, async () => {
      const world = makeSandboxWorld();
      const unset = Object.keys(process.env).filter((name) => /^(LANG|LC_|TZ$)/.test(name));
      const env = { ...world.spec.env, ...Object.fromEntries(unset.map((name) => [name, undefined])), ...set };
      const before = process.umask(umask);
      try {
        const sandbox = await openOrFail({ ...world.spec, env });
        for (const command of LOOK) {
          const outside = spawnSync('/bin/bash', ['-c', `exec 2>&1; ${command}`], {
            cwd: world.checkout,
            env: { ...env, PWD: undefined },
            encoding: 'utf8',
          });
          const inside = await runIn(sandbox, world, command);
          assert.notEqual(outside.stdout, '');
          assert.equal(inside.head, outside.stdout);
        }
        await sandbox.close();
      } finally {
        process.umask(before);
        world.remove();
      }
    });

  it('have terminals for whoever asks for one, and none where nobody does', async () => {
    const world = makeSandboxWorld();
    const sandbox = await openOrFail(world.spec);
    try {
      for (const command of [...TERMINAL, 'test -t 0 || test -t 1 || (: < /dev/tty) 2> /dev/null || echo none']) {
        const outside = spawnSync('setsid', ['-w', '/bin/bash', '-c', `exec 2>&1 < /dev/null; ${command}`], {
          cwd: world.checkout,
          encoding: 'utf8',
        });
        const inside = await runIn(sandbox, world, command);
        assert.notEqual(outside.stdout, '');
        assert.equal(inside.head.replaceAll('\r', ''), outside.stdout.replaceAll('\r', ''), command);
      }
    } finally {
      await sandbox.close();
      world.remove();
    }
  });

  it("have a /var/tmp that is written, and is nobody else's", async () => {
    const world = makeSandboxWorld();
    const sandbox = await openOrFail(world.spec);
    const [inside, outside] = [`/var/tmp/inside-${process.pid}`, `/var/tmp/outside-${process.pid}`];
    writeFileSync(outside, '');
    try {
      const first = await runIn(sandbox, world, `mkdir ${inside} && echo kept > ${inside}/x`);
      const second = await runIn(sandbox, world, `cat ${inside}/x; test -e ${outside} || echo alone`);
      assert.equal(first.head, '');
      assert.equal(second.head, 'kept\nalone\n');
      assert.equal(existsSync(inside), false);
    } finally {
      await sandbox.close();
      world.remove();
      rmSync(outside);
    }
  });

  it('hold settings of installed tools that have a password as such without any, which all of them can read', async () => {
    const world = makeSandboxWorld('/var/tmp');
    const settings = {
      '.nvm/versions/node/v24/etc/npmrc': '//npm.example.org/:_authToken=SECRET-OF-ANN\n',
      '.nvm/versions/node/v22/etc/npmrc': 'cafile=/etc/ssl/certs/ca-certificates.crt\n',
      'miniconda3/conda-meta/state': '{"env_vars": {"API_TOKEN": "SECRET-OF-ANN"}}\n',
      '.sdkman/candidates/maven/3/conf/settings.xml': '<settings><password>SECRET-OF-ANN</password></settings>\n',
    };
    for (const [file, text] of Object.entries(settings)) {
      mkdirSync(dirname(join(world.home, file)), { recursive: true });
      writeFileSync(join(world.home, file), text);
    }
    const sandbox = await openOrFail(world.spec);
    const files = Object.keys(settings).map((file) => join(world.home, file));
    const result = await runIn(sandbox, world, `cat ${files.join(' ')}; stat -c %F ${files.join(' ')}; echo x >> ${files[0]}`);
    await sandbox.close();
    world.remove();
    assert.match(
      result.head,
      /^cafile=\/etc\/ssl\/certs\/ca-certificates\.crt\n\{\}\n<settings\/>\nregular empty file\nregular file\nregular file\nregular file\n.*Read-only file system\n$/,
    );
  });
});
