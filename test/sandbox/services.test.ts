import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const SECRETS = [
  'app/.env',
  'corp/app/.env.production',
  'tomcat/conf/tomcat-users.xml',
  'corp/kafka/config/server.properties',
  'db/my.cnf',
];
const PLAIN = ['app/bin/app', 'tomcat/conf/server.xml', 'app/config/default.yml'];
const MODULE = join(import.meta.dirname, '../../src/sandbox/host-folders.ts');
const LOOK = `const { findHostFolders } = await import(${JSON.stringify(MODULE)});
const { covers } = findHostFolders({ HOME: '/nowhere', PATH: '/usr/bin' }, [], []);
console.log(JSON.stringify(covers.map(({ at }) => at).filter((at) => at.startsWith('/opt/'))));`;

(process.platform === 'linux' ? describe : describe.skip)('settings of services among the programs of a machine', () => {
  it('are shown to no command where a password stands in them', () => {
    const folder = mkdtempSync(join(tmpdir(), 'services-'));
    const write = (name: string, text: string) => {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    };
    for (const name of SECRETS) write(name, name.endsWith('.xml') ? '<user password="s3cret"/>' : 'db.password=s3cret\n');
    for (const name of PLAIN) write(name, 'port=8080\n');
    const inside = ['--dev-bind', '/', '/', '--bind', folder, '/opt', '--', process.execPath, '--input-type=module', '-e', LOOK];
    const covered = JSON.parse(execFileSync('bwrap', inside, { encoding: 'utf8' })) as string[];
    assert.deepEqual(covered.toSorted(), SECRETS.map((name) => `/opt/${name}`).toSorted());
    rmSync(folder, { recursive: true });
  });
});
