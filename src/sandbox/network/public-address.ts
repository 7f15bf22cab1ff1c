/** Which names and addresses lead to a host of the public internet. */
import { BlockList, isIP } from 'node:net';
import { networkInterfaces } from 'node:os';

/** Networks of IPv4 that no public host has: this machine, private and shared ones, cloud metadata, examples, multicast, reserved. */
const NOT_PUBLIC_V4: readonly [string, number][] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['168.63.129.16', 32], // Azure's own services for its machines
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
];

/** Global unicast; in IPv6 everything else is private, local or reserved, mapped and compatible forms of IPv4 included. */
const GLOBAL_V6: readonly [string, number] = ['2000::', 3];

const NOT_PUBLIC_V6: readonly [string, number][] = [
  ['2001::', 23], // Teredo, benchmarks, ORCHID
  ['2001:db8::', 32],
  ['2002::', 16], // 6to4: an IPv4 address inside, private ones too
  ['3fff::', 20],
];

/** Translated IPv4; an IPv6-only network reaches every IPv4 host so. */
const NAT64 = '64:ff9b::';

const notPublic = new BlockList();
const global = new BlockList();
global.addSubnet(...GLOBAL_V6, 'ipv6');
global.addSubnet(NAT64, 96, 'ipv6');
for (const [net, prefix] of NOT_PUBLIC_V6) notPublic.addSubnet(net, prefix, 'ipv6');
for (const [net, prefix] of NOT_PUBLIC_V4) {
  notPublic.addSubnet(net, prefix, 'ipv4');
  notPublic.addSubnet(`${NAT64}${net}`, 96 + prefix, 'ipv6');
}

/** Whether an address belongs to a host of the public internet. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !notPublic.check(address, 'ipv4');
  if (family !== 6 || address.includes('%')) return false;
  return global.check(address, 'ipv6') && !notPublic.check(address, 'ipv6') && !isIsatap(address);
}

/** Networks of companies and homes, without the metadata services of clouds that lie there. */
const PRIVATE_V4: readonly [string, number][] = [
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['100.64.0.0', 10],
];
/** Two lists, since one with both takes `::ffff:10.0.0.1` for 10.0.0.1: whoever writes an address so has something to hide. */
const LOCAL = { ipv4: new BlockList(), ipv6: new BlockList() };
for (const [net, prefix] of PRIVATE_V4) LOCAL.ipv4.addSubnet(net, prefix);
LOCAL.ipv6.addSubnet('fc00::', 7, 'ipv6');
const METADATA = new BlockList();
METADATA.addAddress('100.100.100.200');
for (const address of ['fd00:ec2::254', 'fd20:ce::254']) METADATA.addAddress(address, 'ipv6');

/** Whether an address belongs to another machine in a private network. */
export function isPrivateAddress(address: string, interfaces = networkInterfaces()): boolean {
  const kind = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  if (isIP(address) === 0 || address.includes('%') || METADATA.check(address, kind)) return false;
  const isThisMachine = Object.values(interfaces).some((list) => list?.some((own) => own.address === address));
  return LOCAL[kind].check(address, kind) && !isThisMachine;
}

/** The networks that this machine is in: what is reached there is a neighbour, however public its address looks. */
export function ownNetworks(interfaces = networkInterfaces()): (address: string) => boolean {
  const own = new BlockList();
  for (const { address, cidr, family } of Object.values(interfaces).flatMap((list) => list ?? [])) {
    const kind = family === 'IPv4' ? 'ipv4' : 'ipv6';
    const prefix = Number(cidr?.split('/')[1]);
    // A tunnel's interface may have everything as its network.
    if (prefix >= 16) own.addSubnet(address, prefix, kind);
    else own.addAddress(address, kind);
  }
  return (address) => own.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6');
}

/** An IPv4 address behind a tunnel, whatever prefix stands before it: `...:0:5efe:a.b.c.d`. */
function isIsatap(address: string): boolean {
  const { hostname } = new URL(`http://[${address}]`);
  const [head = '', tail = ''] = hostname.slice(1, -1).split('::');
  const [before, after] = [head, tail].map((part) => part.split(':').filter(Boolean));
  const groups = [...before!, ...Array(8 - before!.length - after!.length).fill('0'), ...after!];
  return groups[5] === '5efe' && ['0', '200', '100', '300'].includes(groups[4]);
}

/**
 * The plain form of a name that is no address in any spelling (`127.1`, `0x7f000001`, `[::1]`), or null. Names are compared and
 * resolved in this form only.
 */
export function hostName(text: string): string | null {
  const name = text.toLowerCase().replace(/\.$/, '');
  const labels = name.split('.');
  const last = labels.at(-1) ?? '';
  if (name.length > 253 || labels.length < 2) return null;
  if (!labels.every((label) => /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label))) return null;
  return /^(\d+|0x[0-9a-f]*)$/.test(last) ? null : name;
}

/** Whether a name in its plain form stands in the list (exactly, or below a `*.` entry). */
export function isAllowedHost(name: string, allowedHosts: readonly string[]): boolean {
  return allowedHosts.some((entry) => {
    const pattern = entry.toLowerCase();
    return pattern.startsWith('*.') ? name.endsWith(pattern.slice(1)) && name.length > pattern.length - 1 : name === pattern;
  });
}
