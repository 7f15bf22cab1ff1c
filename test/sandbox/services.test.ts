import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { HostFolders } from '../../src/sandbox/host-folders.ts';

const SECRETS = [
  'app/.env',
  'corp/app/.env.production',
  'tomcat/conf/tomcat-users.xml',
  'corp/kafka/config/server.properties',
  'db/my.cnf',
];
const PLAIN = ['app/bin/app', 'tomcat/conf/server.xml', 'app/config/default.yml'];
const MODULE = join(import.meta.dirname, '../../src/sandbox/host-folders.ts');

(process.platform === 'linux' ? describe : describe.skip)('what lies in /opt', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'services-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const write = (name: string, text: string, mode = 0o644) => {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text, { mode });
  };
  const link = (name: string, target: string) => {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    symlinkSync(target, join(root, name));
  };
  /** What is found where folders of the test stand in the place of the system's. */
  const find = (env: Record<string, string>, ...folders: string[]): HostFolders => {
    const look = `const { findHostFolders } = await import(${JSON.stringify(MODULE)});
console.log(JSON.stringify(findHostFolders(${JSON.stringify({ HOME: '/nowhere', PATH: '/usr/bin', ...env })}, [], [])));`;
    const binds = folders.flatMap((folder) => {
      mkdirSync(join(root, folder), { recursive: true });
      return ['--bind', join(root, folder), `/${folder}`];
    });
    const inside = ['--dev-bind', '/', '/', ...binds, '--', process.execPath, '--input-type=module', '-e', look];
    return JSON.parse(execFileSync('bwrap', inside, { encoding: 'utf8' })) as HostFolders;
  };
  const shown = ({ lent }: HostFolders) => lent.flatMap(({ at }) => (at.startsWith('/opt') ? [at] : [])).toSorted();

  it('is shown to no command where a password stands in a setting', () => {
    for (const name of SECRETS) write(`opt/${name}`, name.endsWith('.xml') ? '<user password="s3cret"/>' : 'db.password=s3cret\n');
    for (const name of PLAIN) write(`opt/${name}`, 'port=8080\n');
    const covered = find({}, 'opt').covers.flatMap(({ at }) => (at.startsWith('/opt/') ? [at] : []));
    assert.deepEqual(covered.toSorted(), SECRETS.map((name) => `/opt/${name}`).toSorted());
  });

  it('is shown only where something leads to it', () => {
    write('opt/service/bin/start', '');
    write('opt/deployed/app.py', 'PASSWORD = "s3cret"\n');
    write('opt/maker/one/run', '');
    write('opt/maker/two/secret', '');
    write('opt/gradle/bin/gradle', '');
    write('opt/by-path/bin/tool', '');
    write('opt/by-variable/lib/x.so', '');
    write('opt/by-script/tool.jar', '');
    write('opt/by-loader/lib/x.so', '');
    write('opt/jdks/21/bin/javac', '');
    write('opt/jdks/21/release', '');
    write('opt/rocm-5.7/bin/hipcc', '');
    write('opt/single', '');
    link('opt/rocm', 'rocm-5.7');
    link('opt/out', '/srv');
    link('usr/local/bin/one', '/opt/maker/one/run');
    link('usr/local/bin/gradle', '../../../opt/gradle/bin/gradle');
    link('usr/local/bin/single', '/opt/single');
    link('usr/local/bin/out', '/opt/out/x');
    link('usr/local/bin/gone', '/opt/gone/x');
    link('usr/local/bin/all', '/opt');
    write('usr/local/bin/script', '#!/bin/sh\nexec java -jar "/opt/by-script/tool.jar" "$@"\n', 0o755);
    write('usr/local/bin/data', 'exec /opt/service/bin/start\n');
    write('etc/ld.so.conf.d/own.conf', '/opt/by-loader/lib\n');
    const env = {
      PATH: '/usr/bin:/opt/by-path/bin:/opt/not-there/bin:/opt',
      EXTRA: '/usr/x:/opt/by-variable',
      ROCM_PATH: '/opt/rocm',
      NOTE: 'see /opt/deployed.',
      LOG: '/opt/deployed/app.py',
    };
    assert.deepEqual(shown(find(env, 'opt', 'usr/local', 'etc/ld.so.conf.d')), [
      ...['/opt/by-loader', '/opt/by-path', '/opt/by-script', '/opt/by-variable', '/opt/gradle', '/opt/jdks/21', '/opt/maker/one'],
      ...['/opt/rocm', '/opt/rocm-5.7', '/opt/single'],
    ]);
  });

  it('holds nothing that is hidden, and no home', () => {
    write('opt/homes/ann/.local/bin/tool', '');
    link('usr/local/bin/tool', '/opt/homes/ann/.local/bin/tool');
    assert.deepEqual(shown(find({ HOME: '/opt/homes/ann' }, 'opt', 'usr/local')), ['/opt/homes/ann/.local/bin']);
  });
});
