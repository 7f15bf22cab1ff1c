import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { deployedInSystem, secretsInSystem } from '../../src/sandbox/deployed-in-system.ts';
import type { HostFolders } from '../../src/sandbox/host-folders.ts';

/** Where servers and what was deployed on them have passwords, below /opt where something leads there, and in /usr/local. */
const SECRETS = [
  'opt/app/.env',
  'opt/app/config/deep/db.yml',
  'opt/app/tls/server.key',
  'opt/app/bin/setenv.sh',
  'opt/app/.pgpass',
  'opt/app/.bash_history',
  'opt/app/api/config.json',
  'opt/app/api/settings.py',
  'opt/app/api/wp-config.php',
  'opt/app/server.xml',
  'opt/app/start.sh',
  'opt/app/app.log',
  'opt/app/conf.old',
  'opt/app/tls/chain.pem',
  'opt/app/token',
  // In what programs are made of, too: some deploy all that they have in `src`
  'opt/app/src/.env',
  'opt/app/lib/config/database.yml',
  'opt/app/share/credentials.json',
  'opt/app/plugins/a/store.p12',
  'opt/app/src/config/settings.py',
  'usr/local/lib/crm/.env',
  'usr/local/lib/python3.13/dist-packages/a-1.dist-info/direct_url.json',
  'usr/local/lib/systemd/system/crm.service',
  'usr/local/libexec/backup',
  'opt/airflow/airflow.cfg',
  'opt/hive/conf/hive-site.xml',
  'opt/kafka/config/server.properties',
  'opt/net/appsettings.Production.json',
  'opt/R/4/lib/R/etc/Renviron.site',
  'opt/tomcat/conf/tomcat-users.xml',
  'opt/wildfly/standalone/configuration/standalone.xml',
  'usr/local/bin/backup',
  'usr/local/lib/R/etc/Rprofile.site',
  'usr/local/tomcat/conf/tomcat-users.xml',
];
/** What is somebody's, whatever it holds: by its name, by marks of a database, by what others may not, or since nothing of a program is there. */
const DATA = [
  ...['opt/app/db.sqlite3', 'opt/app/dump.sql', 'opt/app/export.csv', 'opt/app/all.tar.gz', 'opt/app/dump.rdb', 'opt/app/dump.sql.gz'],
  ...['opt/app/closed.bin', 'opt/app/lib/closed.dat', 'opt/app/crm.bak'],
  // Among what programs are made of, where some deploy all that they have: what no program brings along
  ...['usr/local/lib/crm/db.sqlite3', 'usr/local/lib/crm/dump.sql', 'usr/local/share/crm/all.sql.gz', 'usr/local/share/crm/home.tar.gz'],
  ...['usr/local/share/crm/inbox.mbox', 'usr/local/lib/crm/app.log', 'usr/local/lib/crm/customers.csv'],
];
const DATA_FOLDERS: Readonly<Record<string, string>> = {
  'opt/app/data': 'board/minutes',
  'opt/app/storage': 'app/1',
  'opt/app/mysql': 'ibdata1',
  'opt/app/html': 'index.php',
  'opt/app/closed': 'run.sh',
  'usr/local/pgsql/data': 'PG_VERSION',
  // Where somebody works, or is kept, with programs among it
  'opt/app/_work': 'shop/shop/main.py',
  'opt/app/home': 'jobs/crm/config.xml',
  'opt/app/user-data': 'User/History/1/main.py',
  'opt/app/profile': 'logins.json',
  'usr/local/google/home': 'bob/main.py',
  'usr/local/lib/crm/uploads': 'contract',
  // Texts as programs bring them along, in what is called data
  'opt/app/pages/data': 'wiki/plan.txt',
  'opt/app/crm/database': 'people.json',
};
const DEPLOYED = ['opt/app/.kube', 'opt/app/.git', 'opt/app/logs', 'opt/lampp/htdocs', 'opt/tomcat/webapps', 'usr/local/tomcat/webapps'];
const PLAIN = [
  'opt/app/bin/app',
  'opt/app/bin/cache/state',
  'opt/app/tls/ca.json',
  'opt/app/locales/de.pak',
  'opt/app/jbr/lib/x.so',
  'usr/local/pgsql/bin/postgres',
  'opt/app/config/default.yml',
  'opt/app/lib/deep/secret.properties',
  'opt/app/package.json',
  'opt/app/api/login.py',
  'opt/app/api/local_settings.py',
  'opt/app/README',
  'opt/app/pages/index.php',
  'opt/app/crm/run.py',
  // Parts of a program by such names
  'opt/app/crm/users/__init__.py',
  'opt/app/crm/users/models.py',
  'opt/app/releases/26/start.boot',
  'opt/app/certs/ca.crt',
  'usr/local/texlive/2025/texmf-dist/tex/latex/a/a.sty',
  'usr/local/lib/bitcode/postgres/backup/a.bc',
  'opt/app/parts/data/table.txt',
  'opt/app/parts/data/load.tcl',
  'opt/tomcat/conf/server.xml',
  'usr/local/google/bin/tool',
  'usr/local/share/proj/proj.db',
  'usr/local/share/postgresql/extension/a--1.0.sql',
  'usr/local/lib/crm/main.py',
  'usr/local/bin/tool',
];
const TEXTS: Readonly<Record<string, string>> = {
  'opt/app/tls/server.key': 'x',
  'opt/app/tls/ca.json': '{}',
  'opt/app/src/.env': 'DB_PASSWORD=s3cret\n',
  'opt/app/lib/config/database.yml': 'password: s3cret\n',
  'opt/app/share/credentials.json': '{"password": "s3cret-of-ann"}',
  'opt/app/src/config/settings.py': "PASSWORD = 's3cret-of-ann'\n",
  'usr/local/lib/crm/.env': 'DB_PASSWORD=s3cret\n',
  'usr/local/lib/python3.13/dist-packages/a-1.dist-info/direct_url.json': '{"url": "https://ann:s3cret@git.example.org/a.git"}',
  'usr/local/lib/systemd/system/crm.service': '[Service]\nEnvironment=DB_PASSWORD=s3cret\n',
  'usr/local/libexec/backup': '#!/bin/sh\nPGPASSWORD=geheim pg_dump x\n',
  'opt/app/.pgpass': 'db:5432:x:ann:s3cret',
  'opt/app/api/config.json': '{"db": {"password": "s3cret-of-ann"}}',
  'opt/app/api/settings.py': "PASSWORD = 's3cret-of-ann'\n",
  'opt/app/api/wp-config.php': "<?php define('DB_PASSWORD', 's3cret-of-ann');",
  'opt/app/server.xml': '<web><password>s3cret</password></web>',
  'opt/app/app.log': 'login: password=s3cret-of-ann\n',
  'opt/app/conf.old': 'db.password=s3cret-of-ann\n',
  'opt/app/start.sh': 'export DB_PASSWORD=s3cret\n',
  'opt/app/tls/chain.pem': '-----BEGIN PRIVATE KEY-----\nAAAA\n',
  'opt/app/package.json': '{"dependencies": {"csrf-token": "^10.0.0"}}',
  'opt/app/api/login.py': 'password = "a-default-1"\n',
  'opt/app/api/local_settings.py': 'PASSWORD = os.environ["DB_PASSWORD"]\n',
  'opt/app/README': 'Set a password: any one.\n',
  'opt/airflow/airflow.cfg': 'sql_alchemy_conn = postgresql://ann:s3cret@db/x\n',
  'opt/hive/conf/hive-site.xml': '<property><name>javax.jdo.option.ConnectionPassword</name><value>s3cret</value></property>',
  'opt/net/appsettings.Production.json': '{"Default": "Server=a;User=b;Password=s3cret"}',
  'opt/tomcat/conf/tomcat-users.xml': '<user password="s3cret"/>',
  'opt/wildfly/standalone/configuration/standalone.xml': '<security><password>s3cret</password></security>',
  'usr/local/bin/backup': '#!/bin/sh\nPGPASSWORD=geheim pg_dump x\n',
  'usr/local/bin/tool': '#!/bin/sh\ntoken=$1\npassword="$(ask)"\n',
};
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
    chmodSync(root, 0o755);
    const binds = folders.flatMap((folder) => {
      mkdirSync(join(root, folder), { recursive: true });
      return ['--bind', join(root, folder), `/${folder}`];
    });
    const inside = ['--dev-bind', '/', '/', ...binds, '--', process.execPath, '--input-type=module', '-e', look];
    return JSON.parse(execFileSync('bwrap', inside, { encoding: 'utf8' })) as HostFolders;
  };
  const shown = ({ lent }: HostFolders) => lent.flatMap(({ at }) => (at.startsWith('/opt') ? [at] : [])).toSorted();

  it('is shown to no command where a password stands in a setting or was deployed, nor is what lies in /usr/local', () => {
    for (const name of SECRETS) write(name, TEXTS[name] ?? 'db.password=s3cret\n');
    for (const name of PLAIN) write(name, TEXTS[name] ?? 'port=8080\n');
    for (const name of DEPLOYED) write(`${name}/shop/index.php`, '');
    for (const name of DATA) write(name, 'x', name.includes('closed') ? 0o640 : 0o644);
    for (const [name, file] of Object.entries(DATA_FOLDERS)) write(join(name, file), 'x');
    chmodSync(join(root, 'opt/app/closed'), 0o750);
    const tops = ['app', 'airflow', 'hive', 'kafka', 'net', 'R/4', 'tomcat', 'wildfly', 'lampp'];
    for (const name of tops) mkdirSync(join(root, 'opt', name, 'bin'), { recursive: true });
    const env = { TOOLS: tops.map((name) => `/opt/${name}/bin`).join(':') };
    const covered = find(env, 'opt', 'usr/local').covers.flatMap(({ at }) => (/^\/(opt|usr\/local)\//.test(at) ? [at] : []));
    assert.deepEqual(
      covered.toSorted(),
      [...SECRETS, ...DEPLOYED, ...DATA, ...Object.keys(DATA_FOLDERS)].map((name) => `/${name}`).toSorted(),
    );
  });

  it('is shown without repositories of git, though what runs in them, and the lists of their packs, are called like programs', () => {
    write('opt/gitea/gitea', '', 0o755);
    for (const at of ['data/ann/crm.git', 'lib/ann/crm.git']) {
      for (const name of ['HEAD', 'refs/heads/main', 'objects/pack/a.pack', 'objects/pack/a.idx']) write(`opt/gitea/${at}/${name}`, 'x');
      write(`opt/gitea/${at}/hooks/pre-receive`, '', 0o755);
    }
    link('usr/local/bin/gitea', '/opt/gitea/gitea');
    const covered = find({}, 'opt', 'usr/local').covers.flatMap(({ at }) => (at.startsWith('/opt/') ? [at] : []));
    assert.deepEqual(covered.toSorted(), ['/opt/gitea/data', '/opt/gitea/lib/ann/crm.git']);
  });

  it('is covered where it lies when its settings stand behind links, over which nothing can be mounted', () => {
    const settings = '<settings><server><password>s3cret</password></server></settings>';
    for (const name of ['opt/tool/own/settings.xml', 'srv/etc/settings.xml', 'srv/etc/deploy.gradle']) write(name, settings);
    write('opt/tool/bin/mvn', '', 0o755);
    link('opt/tool/conf', 'own');
    link('opt/tool/init.d', '/srv/etc');
    link('opt/tool/pip.conf', '/srv/etc/settings.xml');
    const covered = find({ TOOLS: '/opt/tool/bin' }, 'opt', 'srv').covers.flatMap(({ at }) => (/^\/(opt|srv)\//.test(at) ? [at] : []));
    assert.deepEqual(covered, ['/opt/tool/own/settings.xml']);
  });

  it('is no mount for each of many files', () => {
    write('opt/app/bin/run', '');
    for (const folder of ['few', 'many', 'many/deep']) write(`opt/app/${folder}/run.py`, '');
    for (let n = 0; n < 100; n++) for (const folder of ['many', 'many/deep']) write(`opt/app/${folder}/${n}.csv`, '');
    write('opt/app/many/app.properties', 'db.password=s3cret\n');
    for (let n = 0; n < 3; n++) write(`opt/app/few/${n}.csv`, '');
    const covered = find({ APP: '/opt/app/bin' }, 'opt').covers.flatMap(({ at }) => (at.startsWith('/opt/') ? [at] : []));
    assert.deepEqual(covered.toSorted(), ['/opt/app/few/0.csv', '/opt/app/few/1.csv', '/opt/app/few/2.csv', '/opt/app/many']);
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
    // Named, and no program: what is backed up, accounts, mail
    write('opt/backups/all', '');
    write('opt/customers/db/people', '');
    write('opt/gnupg/private-keys-v1.d/x', '');
    write('opt/mail/cur/1', '');
    write('opt/photos/me.jpg', '', 0o755);
    write('opt/runner/bin/run', '', 0o755);
    write('opt/runner/_work/shop/bin/run.sh', '', 0o755);
    write('opt/runner/_work/_temp/step.sh', '', 0o755);
    link('opt/rocm', 'rocm-5.7');
    link('opt/out', '/srv');
    link('usr/local/bin/one', '/opt/maker/one/run');
    link('usr/local/bin/gradle', '../../../opt/gradle/bin/gradle');
    link('usr/local/bin/single', '/opt/single');
    link('usr/local/bin/out', '/opt/out/x');
    link('usr/local/bin/gone', '/opt/gone/x');
    link('usr/local/bin/all', '/opt');
    write('usr/local/bin/script', '#!/bin/sh\nexec java -jar "/opt/by-script/tool.jar" "$@"\n', 0o755);
    write('usr/local/bin/nightly', '#!/bin/sh\ntar czf /opt/backups/all /opt/customers/db /opt/photos/me.jpg\n', 0o755);
    write('usr/local/bin/data', 'exec /opt/service/bin/start\n');
    write('etc/ld.so.conf.d/own.conf', '/opt/by-loader/lib\n');
    const env = {
      PATH: '/usr/bin:/opt/by-path/bin:/opt/not-there/bin:/opt',
      EXTRA: '/usr/x:/opt/by-variable',
      ROCM_PATH: '/opt/rocm',
      NOTE: 'see /opt/deployed.',
      PWD: '/opt/service',
      OLDPWD: '/opt/service',
      LOG: '/opt/deployed/app.py',
      GNUPGHOME: '/opt/gnupg',
      MAILDIR: '/opt/mail',
      BACKUP_DIR: '/opt/backups',
      PGDATA: '/opt/customers/db',
      ALBUM: '/opt/photos',
      // Where a runner of CI works
      GITHUB_WORKSPACE: '/opt/runner/_work/shop',
      RUNNER_TEMP: '/opt/runner/_work/_temp',
      CI_PROJECT_DIR: '/opt/runner/_work/shop',
    };
    assert.deepEqual(shown(find(env, 'opt', 'usr/local', 'etc/ld.so.conf.d')), [
      ...['/opt/by-loader', '/opt/by-path', '/opt/by-script', '/opt/by-variable', '/opt/gradle', '/opt/jdks/21', '/opt/maker/one'],
      ...['/opt/rocm', '/opt/rocm-5.7', '/opt/single'],
    ]);
  });

  it('stands for what version managers installed for a user, too: databases, servers and accounts among it', () => {
    const installs = {
      '.asdf/installs/postgres/15.3/data/base/1/2619': '',
      '.asdf/installs/rust/1.70.0/credentials.toml': '[registry]\ntoken = "s3cret-of-ann"\n',
      '.asdf/installs/php/8.2/.composer/auth.json': '{"http-basic": {"a": {"username": "ann", "password": "s3cret-1"}}}',
      '.local/share/mise/installs/redis/7/dump.rdb': '',
      '.sdkman/candidates/hadoop/3.3/etc/hadoop/core-site.xml': '<name>fs.s3a.secret.key</name><value>s3cret</value>',
      '.sdkman/candidates/tomcat/9/webapps/app/index.jsp': '',
      '.local/bin/accounts.sqlite3': '',
    };
    const plain = { '.asdf/installs/php/8.2/.composer/vendor/bin/phpunit': '', '.sdkman/candidates/java/21/lib/jrt-fs.jar': '' };
    for (const [name, text] of Object.entries({ ...installs, ...plain })) write(`srv/ann/${name}`, text);
    link('srv/ann/.sdkman/candidates/tomcat/current', '9');
    const { covers } = find({ HOME: '/srv/ann' }, 'srv');
    const covered = (name: string) => covers.some(({ at }) => at.startsWith('/srv/ann/') && `/srv/ann/${name}`.startsWith(at));
    assert.deepEqual(Object.keys({ ...installs, ...plain }).filter(covered), Object.keys(installs));
  });

  it('is looked at behind folders of thousands of files, too', () => {
    write('opt/crm/bin/crm', '');
    for (let file = 0; file < 6000; file++) write(`opt/crm/assets/${file}.png`, '');
    write('opt/crm/customers/people', '');
    write('opt/crm/web/app/run.sh', '');
    write('opt/crm/web/app/.env', 'DB_PASSWORD=s3cret\n');
    const { covers } = find({ TOOLS: '/opt/crm/bin' }, 'opt');
    const found = covers.flatMap(({ at }) => (at.startsWith('/opt/') ? [at] : []));
    assert.deepEqual(found.toSorted(), ['/opt/crm/customers', '/opt/crm/web/app/.env']);
  }).timeout(20_000);

  it('is looked at soon though maps of gigabytes are called like settings', () => {
    write('opt/maps/bin/show', '', 0o755);
    for (const name of ['a.xml', 'conf/b', 'c.properties']) {
      write(`opt/maps/${name}`, '');
      truncateSync(join(root, 'opt/maps', name), 1900 * 2 ** 20);
    }
    const begin = performance.now();
    const { covers } = find({ TOOLS: '/opt/maps/bin' }, 'opt');
    assert.ok(performance.now() - begin < 3000, `${performance.now() - begin} ms`);
    const found = covers.flatMap(({ at }) => (at.startsWith('/opt/') ? [at] : []));
    assert.deepEqual(found.toSorted(), ['/opt/maps/a.xml', '/opt/maps/c.properties', '/opt/maps/conf/b']);
  });

  it('is shown beside a folder of programs right below the root no more than that', () => {
    write('srv/bin/tool', '#!/bin/sh\nexport API_TOKEN=s3cret\n', 0o755);
    for (const name of ['srv/share/plan', 'srv/lib/x.so', 'srv/tools/bin/tool', 'srv/tools/lib/x.so']) write(name, '');
    const { lent, covers } = find({ PATH: '/usr/bin:/srv/bin:/srv/tools/bin' }, 'srv');
    assert.deepEqual(
      lent.flatMap(({ at }) => (at.startsWith('/srv') ? [at] : [])),
      ['/srv/bin', '/srv/tools/bin', '/srv/tools/lib'],
    );
    assert.ok(covers.some(({ at }) => at === '/srv/bin/tool'));
  });

  it('is not shown among folders of the system either: sites, programs in /usr/src, services with a password', () => {
    const homes = ['home', 'share/ollama/.ollama', 'share/ollama/.bash_history', 'share/crm/closed'];
    const closed = ['src/app', 'share/nginx/html', 'share/webapps', 'lib/cgi-bin', ...homes];
    for (const name of ['home/bob/plan.txt', 'share/ollama/.ollama/id_ed25519', 'share/ollama/.bash_history', 'share/ollama/model'])
      write(name, '');
    write('share/crm/closed', '', 0o600);
    const names = ['src/app/.env', 'share/nginx/html/index.php', 'share/webapps/a/config.php', 'lib/cgi-bin/pay.pl'];
    for (const name of [...names, 'src/linux-headers-6/Makefile', 'src/zfs-2/dkms.conf', 'share/nginx/mime.types']) write(name, '');
    const units = ['crm.service', 'own.service.d/own.conf', 'cron.service'].map((name) => `lib/systemd/system/${name}`);
    for (const name of units.slice(0, 2)) write(name, '[Service]\nEnvironment="DB_PASSWORD=s3cret"\n');
    write('share/crm/config/database.yml', 'production:\n  password: "s3cret-1"\n');
    write('share/crm/site/include/config.php', "<?php $password = 's3cret-1';");
    write('share/crm/config/plain.yml', 'port: 1\n');
    const others: Record<string, string> = {
      'share/kibana/config/kibana.yml': 'elasticsearch.password: "s3cret-1"\n',
      'share/wiki/LocalSettings.php': "<?php $wgDBpassword = 's3cret-1';",
      'share/logstash/pipeline/main.conf': 'output { elasticsearch { password => "s3cret-1" } }\n',
      'lib/zabbix/alertscripts/chat': '#!/bin/sh\nTOKEN="s3cret-1"\n',
      'lib/nagios/plugins/check_crm': '#!/bin/sh\nPASSWORD=s3cret-1\n',
      'lib/ocf/resource.d/corp/db': "#!/bin/sh\nDB_PASSWORD='s3cret-1'\n",
    };
    for (const [name, text] of Object.entries(others)) write(name, text);
    write('etc/crm/database.yml', 'password: "s3cret-1"\n');
    link('share/linked/config', join(root, 'etc/crm'));
    write('lib/nagios/plugins/check_disk', '#!/bin/sh\npassword=$1\n');
    write(units[2]!, '[Service]\nEnvironmentFile=-/etc/default/cron\n');
    const at = realpathSync(root);
    assert.deepEqual(deployedInSystem(at).toSorted(), closed.map((name) => join(at, name)).toSorted());
    const filled = ['share/crm/config/database.yml', 'share/crm/site/include/config.php'];
    const expected = [...units.slice(0, 2), ...filled, ...Object.keys(others)].map((name) => join(at, name));
    assert.deepEqual(secretsInSystem(at).toSorted(), expected.toSorted());
  });

  it('holds nothing that is hidden, and no home', () => {
    write('opt/homes/ann/.local/bin/tool', '');
    link('usr/local/bin/tool', '/opt/homes/ann/.local/bin/tool');
    assert.deepEqual(shown(find({ HOME: '/opt/homes/ann' }, 'opt', 'usr/local')), ['/opt/homes/ann/.local/bin']);
  });
});
