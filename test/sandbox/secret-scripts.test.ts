import assert from 'node:assert/strict';
import { holdsWrittenSecret } from '../../src/sandbox/secret-scripts.ts';

/** Lines of scripts and settings as people write them. */
const WRITTEN: readonly string[] = [
  'mysql -uroot -ps3cret crm',
  "mysqldump --single-transaction -u root -p's3cret' crm > x.sql",
  "sshpass -p 's3cret' ssh root@h",
  'lftp -u ann,s3cret h',
  'ldapsearch -x -D cn=admin -w s3cret -b dc=x',
  'smbclient //h/x -U ann%s3cret',
  'curl -s -u ann:s3cret https://h',
  'gpg --batch --passphrase s3cret1 -d x',
  "vpn --password 's3cret'",
  "echo 's3cret' | openconnect --passwd-on-stdin h",
  'echo s3cret | sudo -S true',
  'echo -n s3cret | docker login --password-stdin h',
  'smtp.login("ann", "s3cret")',
  "requests.post(u, auth=('ann', 's3cret'))",
  'oathtool --totp -b JBSWY3DPEHPK3PXP',
  'curl https://api.telegram.org/bot123456789:AAabcdefghijklmnopqrstuvwxyzABCDEFG/sendMessage',
  'curl https://discord.com/api/webhooks/123456789012345678/abcdefghijklmnopqrstuvwxyz',
  'Server=db;User Id=ann;Pwd=s3cret',
  '<Pass encoding="base64">czNjcmV0</Pass>',
  '<user name="ann" passwordHash="s3cret-of-ann"/>',
  "'password' => 's3cret',",
  ':password => "s3cret"',
];
/** What programs say of passwords, and how they ask for some. */
const SPOKEN: readonly string[] = [
  'mysql -u root -p crm',
  'mysql -u root -p"$PASSWORD" crm',
  'mysqldump --help | grep -- -p',
  'sshpass -p "$1" ssh root@h',
  'lftp -u "$USER,$PASSWORD" h',
  'ldapsearch -x -W -b dc=x',
  'curl -u "$USER:$PASSWORD" https://h',
  'gpg --passphrase PASSPHRASE  the passphrase',
  'tool --password-stdin',
  'echo "$PASSWORD" | sudo -S true',
  'echo done | tee log',
  'smtp.login(user, password)',
  'requests.post(u, auth=(user, password))',
  '<!-- <password>s3cret-of-ann</password> -->',
  "'password' => $_ENV['DB_PASSWORD'],",
  '# mysql -uroot -ps3cret crm',
];
const SIZE = 2 ** 18;

describe('a password that somebody wrote into a script', () => {
  it('is told from what programs say of passwords', () => {
    const tells = (line: string) => holdsWrittenSecret(Buffer.from(`#!/bin/sh\n${line}\nexit 0\n`));
    assert.deepEqual(
      WRITTEN.filter((line) => !tells(line)),
      [],
    );
    assert.deepEqual(SPOKEN.filter(tells), []);
  });

  it('is told soon of whatever text', function () {
    this.timeout(60_000);
    const begins = [
      'mysql ',
      'sshpass ',
      'lftp ',
      'ldapsearch ',
      'curl ',
      'net ',
      'echo x ',
      'oathtool ',
      '<pass ',
      'auth=("a',
      ' --pass ',
      '<!--',
      '\n#',
    ];
    for (const piece of begins) {
      const content = Buffer.from(piece.repeat(Math.floor(SIZE / piece.length)));
      const begin = performance.now();
      holdsWrittenSecret(content);
      const took = performance.now() - begin;
      assert.ok(took < 2000, `${JSON.stringify(piece)}: ${Math.round(took)} ms`);
    }
  });
});
