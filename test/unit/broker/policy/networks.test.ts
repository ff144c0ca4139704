import assert from 'node:assert/strict';
import { BlockList } from 'node:net';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { isInside, parseAddress, parseNetwork } from '../../../../broker/policy/networks.ts';

const inside = (address: string, cidr: string) => {
  const [parsed, network] = [parseAddress(address), parseNetwork(cidr)];
  assert(parsed && network, `${address} ${cidr}`);
  return isInside(parsed, network);
};

describe('networks', () => {
  it('hold what their prefix says, each family its own', () => {
    assert(inside('10.20.0.0', '10.20.0.0/16') && inside('10.20.255.255', '10.20.0.0/16'));
    assert(!inside('10.19.255.255', '10.20.0.0/16') && !inside('10.21.0.0', '10.20.0.0/16'));
    assert(inside('255.1.2.3', '0.0.0.0/0') && inside('10.1.2.3', '10.1.2.3/32') && !inside('10.1.2.2', '10.1.2.3/32'));
    assert(inside('fd12:3456::9', 'fd12:3456::/48') && !inside('fd12:3457::9', 'fd12:3456::/48'));
    assert(inside('::1', '::/0') && inside('::1', '::1/128') && !inside('::2', '::1/128'));
    assert(!inside('10.1.2.3', '::/0') && !inside('::1', '0.0.0.0/0') && !inside('::10.1.2.3', '10.0.0.0/8'));
  });

  it('take an address of IPv4 that came over IPv6 as one of IPv4', () => {
    assert(inside('::ffff:10.20.0.7', '10.20.0.0/16') && !inside('::ffff:10.20.0.7', '::/0'));
  });

  it('are not made of anything else', () => {
    const bad = [
      '',
      '10.0.0.0',
      '10.0.0.0/33',
      '10.0.0.1/8',
      '10.0.0/8',
      '010.0.0.0/8',
      '10.0.0.0/08',
      '10.0.0.0/-1',
      'a/8',
    ];
    const more = ['::/129', '::1/64', 'fe80::1%eth0/128', '10.0.0.0/8 ', '::/0/0', '*', '0.0.0.0/ 0', ':/0', ':::/0'];
    for (const cidr of [...bad, ...more]) assert.equal(parseNetwork(cidr), undefined, cidr);
    for (const address of ['', '10.1.2', '10.1.2.3.4', 'fe80::1%eth0', 'nowhere', '1::2::3', '::ffff:10.1.2'])
      assert.equal(parseAddress(address), undefined, address);
  });

  it('agree with those of Node for any address and prefix', () => {
    const either = fc.oneof(
      fc.tuple(fc.ipV4(), fc.ipV4(), fc.nat(32), fc.constant('ipv4' as const)),
      fc.tuple(fc.ipV6(), fc.ipV6(), fc.nat(128), fc.constant('ipv6' as const)),
    );
    let hits = 0;
    fc.assert(
      fc.property(either, fc.boolean(), ([one, other, length, family], same) => {
        const base = same ? one : other;
        const size = family === 'ipv4' ? 32 : 128;
        const bits = (parseAddress(base)?.words ?? [])
          .map((word) => (word >>> 0).toString(2).padStart(32, '0'))
          .join('');
        if (bits.length !== size || parseAddress(one)?.words.length !== size / 32) return;
        const cut = (bits.slice(0, length).padEnd(size, '0').match(/.{16}/g) ?? []).map((word) =>
          Number.parseInt(word, 2),
        );
        const text =
          family === 'ipv4'
            ? cut.flatMap((word) => [word >>> 8, word & 0xff]).join('.')
            : cut.map((word) => word.toString(16)).join(':');
        const list = new BlockList();
        list.addSubnet(text, length, family);
        const expected = list.check(one, family);
        if (expected) hits += 1;
        assert.equal(inside(one, `${text}/${length}`), expected);
      }),
      { numRuns: 2_000 },
    );
    assert(hits > 100, `only ${hits} were inside`);
  });
});
