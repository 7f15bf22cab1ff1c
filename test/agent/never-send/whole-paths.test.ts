import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { withWholePaths } from '../../../src/agent/never-send/whole-paths.ts';
import { openNeverSend } from '../../../src/delegation/attempt/open-never-send.ts';
import { openRepository } from '../../../src/workspace/open-repository.ts';
import { makeRepository } from '../../e2e/world.ts';

describe('what is never sent, by a path as it is written elsewhere', () => {
  let top: string;
  let shop: string;
  before(() => {
    top = realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-whole-')));
    shop = path.join(top, 'work/shop');
    mkdirSync(path.dirname(shop));
    makeRepository(shop);
    symlinkSync('work', path.join(top, 'link'));
  });
  after(() => rmSync(top, { recursive: true, force: true }));

  async function rulesOf(...patterns: string[]) {
    const opened = await openRepository(shop);
    assert.ok(opened.ok);
    const { repository } = opened;
    return (await openNeverSend(repository, { gitDir: repository.commonDir }, patterns, { base: repository.head.commit, trees: [] })).rules;
  }

  it('is the same file: a whole path, one by a link, from the home or by .., and one with steps that lead nowhere', async () => {
    const fromHome = `~/${path.relative(homedir(), shop)}`;
    for (const pattern of [
      ...[`${shop}/customers/**`, `${shop}/customers`, `${shop}/customers/`, `${shop}/customers/a.json`, `file://${shop}/customers/a.json`],
      ...[`${top}/link/shop/customers/*.json`, `${top}/*/shop/customers/a.json`, `${top}/**/customers/a.json`],
      ...[
        '../shop/customers/**',
        '../../work/shop/customers',
        'customers//a.json',
        './customers/./a.json',
        'customers/.',
        'x/../customers/a.json',
      ],
      ...(fromHome.includes('..') ? [] : [`${fromHome}/customers`]),
    ]) {
      const rules = await rulesOf(pattern);
      assert.ok(rules.isWithheld('customers/a.json'), pattern);
      assert.ok(!rules.isWithheld('src/a.ts') && !rules.isWithheld('deep/customers2/a.json'), pattern);
    }
    for (const pattern of [shop, `${shop}/`, `${top}/work/**`, `${top}/link`, '../**'])
      assert.ok((await rulesOf(pattern)).isWithheld('src/a.ts'), pattern);
    for (const pattern of ['secret/** customers/**', 'secret/**; customers/a.json', `secret/**\t${shop}/customers`])
      assert.ok((await rulesOf(pattern)).isWithheld('customers/a.json'), pattern);
    const named = await rulesOf('my customers/old a.json');
    assert.ok(named.isWithheld('my customers/old a.json') && !named.isWithheld('customers/b') && !named.isWithheld('my'));
    const back = await rulesOf(`!${shop}/.env.test`);
    assert.ok(!back.isWithheld('.env.test') && back.isWithheld('deep/.env.test') && back.isWithheld('.env'));
  });

  it('is still one from the root of the repository, and none of another folder', async () => {
    const rules = await rulesOf('/customers/**', '/home', '/home/**', `${shop}2/src`, `${top}/other/src`, '../other/src');
    assert.ok(rules.isWithheld('customers/a.json') && rules.isWithheld('home/a'));
    assert.ok(!rules.isWithheld('src/a.ts') && !rules.isWithheld('deep/customers/a.json'));
    for (const pattern of ['/home', '/home/**', '/*', '*.json', '/', '.', 'a', '/a/', '!a'])
      assert.deepEqual(withWholePaths(pattern, '/home/ann/shop', '/home/ann'), [pattern]);
    assert.deepEqual(withWholePaths('~/shop/a', '/home/ann/shop', '/home/ann'), ['~/shop/a', '/a']);
    assert.deepEqual(withWholePaths('~', '/home/ann/shop', '/home/ann'), ['~', '**']);
  });
});
