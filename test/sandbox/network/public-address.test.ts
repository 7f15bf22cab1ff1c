import assert from 'node:assert/strict';
import fc from 'fast-check';
import { hostName, isAllowedHost, isPublicAddress, ownNetworks } from '../../../src/sandbox/network/public-address.ts';

describe('public addresses', () => {
  const PUBLIC = ['93.184.216.34', '8.8.8.8', '1.1.1.1', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '2a00:1450:4001::5'];
  PUBLIC.push('64:ff9b::808:808', '2001:4860:4860::8888');
  /** By kind: what stands for the inside of a network, a machine or nobody. */
  const OTHERS: Readonly<Record<string, readonly string[]>> = {
    'this machine': ['127.0.0.1', '127.255.255.254', '0.0.0.0', '0.1.2.3', '::1', '::'],
    private: ['10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.1.1', 'fc00::1', 'fd12:3456::1', 'fec0::1'],
    'shared by a provider': ['100.64.0.1', '100.127.255.255', '100.100.100.200'],
    'link-local and metadata': ['169.254.169.254', '169.254.170.2', 'fe80::1', 'fd00:ec2::254', '192.0.0.192', '168.63.129.16'],
    multicast: ['224.0.0.1', '239.255.255.250', 'ff02::1', 'ff0e::1'],
    'reserved and examples': ['240.0.0.1', '255.255.255.255', '192.0.2.1', '198.51.100.7', '203.0.113.9', '198.18.0.1', '192.88.99.1'],
    'reserved and examples of IPv6': ['100::1', '2001:db8::1', '3fff::1', '5f00::1', '2001:2::1', '4000::1', 'e000::1'],
    'IPv4 mapped': ['::ffff:10.0.0.1', '::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:8.8.8.8', '::ffff:0:127.0.0.1'],
    'IPv4 compatible': ['::127.0.0.1', '::7f00:1', '::10.0.0.1'],
    NAT64: ['64:ff9b::7f00:1', '64:ff9b::10.0.0.1', '64:ff9b::169.254.169.254', '64:ff9b:1::808:808', '64:ff9b::192.168.0.1'],
    '6to4': ['2002:7f00:1::', '2002:a00:1::1', '2002:c0a8:101::1', '2002:808:808::1'],
    Teredo: ['2001:0:4136:e378:8000:63bf:3fff:fdd2', '2001::1'],
    ISATAP: ['2606:4700::5efe:a00:1', '2606:4700::200:5efe:10.0.0.1', '2a00::5efe:8.8.8.8'],
    'with a zone': ['fe80::1%eth0', '2606:4700::1111%lo', '2606:4700::1111%1'],
    'no address': ['name', '', '1.2.3', '0x7f.1', '2130706433', '0177.0.0.1', '[::1]', '::ffff:127.0.0.1.', '1.2.3.4.5', '1.2.3.04', '::g'],
  };
  it('are those of the internet', () => {
    for (const address of PUBLIC) assert.equal(isPublicAddress(address), true, address);
  });
  for (const [kind, addresses] of Object.entries(OTHERS)) {
    it(`are none: ${kind}`, () => {
      for (const address of addresses) assert.equal(isPublicAddress(address), false, address);
    });
  }

  it('are the same however IPv6 is written', () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        const [plain] = new URL(`http://[${address}]`).hostname.match(/[^[\]]+/)!;
        assert.equal(isPublicAddress(address), isPublicAddress(plain));
        if (isPublicAddress(address)) assert.match(plain, /^(2|3|64:ff9b::)/);
      }),
      { seed: 7, numRuns: 2000 },
    );
  });

  it('in a network of this machine are its neighbours', () => {
    const entry = { netmask: '', mac: '', internal: false };
    const isOwn = ownNetworks({
      eth0: [
        { ...entry, address: '93.184.216.34', family: 'IPv4', cidr: '93.184.216.34/24' },
        { ...entry, address: '2606:4700:1:2::5', family: 'IPv6', cidr: '2606:4700:1:2::5/64', scopeid: 0 },
      ],
      tun0: [{ ...entry, address: '8.8.4.4', family: 'IPv4', cidr: '8.8.4.4/0' }],
      none: undefined,
    });
    for (const address of ['93.184.216.34', '93.184.216.99', '2606:4700:1:2::77', '8.8.4.4']) assert.equal(isOwn(address), true, address);
    for (const address of ['93.184.217.1', '2606:4700:1:3::5', '8.8.8.8']) assert.equal(isOwn(address), false, address);
  });
});

describe('host names', () => {
  it('are compared in one form', () => {
    assert.equal(hostName('Registry.NPMJS.org.'), 'registry.npmjs.org');
    assert.equal(hostName('a_b.xn--bcher-kva.example'), 'a_b.xn--bcher-kva.example');
  });

  it('are no addresses, in no spelling', () => {
    const numbers = [
      '127.0.0.1',
      '127.1',
      '2130706433',
      '0x7f.1',
      '0x7f000001',
      '0177.0.0.1',
      '017700000001',
      '1.2.3.4.',
      'good.0x',
      '10.0.0.0x1',
    ];
    const others = ['[::1]', '::1', '[::ffff:7f00:1]', 'fe80::1%eth0', 'localhost', '', '.', '..', 'good..org', '.good.org', 'good.org..'];
    const disguises = [
      'good\u3002example.org',
      'good\uff0eexample.org',
      'ｇood.example.org',
      'göod.example.org',
      '①②⑦.0.0.1',
      '127。0。0。1',
    ];
    const parts = [
      'user@good.example.org',
      'good.example.org@evil.org',
      'good.example.org/x',
      'good.example.org#.evil.org',
      'a b.org',
      'good.example.org\0',
    ];
    const long = [`${'a'.repeat(64)}.org`, `${'a.'.repeat(130)}org`, '-a.org', 'a-.org'];
    for (const name of [...numbers, ...others, ...disguises, ...parts, ...long]) assert.equal(hostName(name), null, name);
  });

  it('stand in the list, or below a pattern of it', () => {
    assert.equal(isAllowedHost('a.b.example.org', ['*.Example.org']), true);
    assert.equal(isAllowedHost('example.org', ['*.example.org']), false);
    assert.equal(isAllowedHost('badexample.org', ['*.example.org']), false);
    assert.equal(isAllowedHost('x.example.org', ['example.org']), false);
  });
});
