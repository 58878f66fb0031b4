import assert from "node:assert/strict";
import { internAddress } from "../../src/base/mod.ts";
import { detectHost } from "../../src/host/mod.ts";
import { localDatagramSize, usableInterface } from "../../src/host/interfaces.ts";
import { test } from "../harness.ts";

test("addresses that are no host candidates are left out (RFC 8445 §5.1.1.1)", () => {
  for (
    const address of [
      "fe80::1%eth0",
      "fe80::1",
      "febf::1",
      "fec0::1", // site-local
      "::192.0.2.1", // IPv4-compatible
      "::ffff:192.0.2.1", // IPv4-mapped
      "::",
      "ff02::fb",
      "0.0.0.0",
      "224.0.0.251",
      "255.255.255.255",
      "nonsense",
    ]
  ) assert.equal(usableInterface("eth0", address), undefined, address);
});

test("unicast addresses are host candidates, loopback ones are marked", () => {
  assert.deepEqual(usableInterface("eth0", "192.168.1.7", 24), {
    name: "eth0",
    ip: "192.168.1.7",
    family: 4,
    loopback: false,
    prefix: 24,
  });
  assert.deepEqual(usableInterface("eth0", "2001:DB8:0:0::1"), {
    name: "eth0",
    ip: "2001:db8::1",
    family: 6,
    loopback: false,
  });
  assert.equal(usableInterface("eth0", "fd00::1")?.loopback, false);
  assert.equal(usableInterface("lo", "127.0.0.1")?.loopback, true);
  assert.equal(usableInterface("lo", "::1")?.loopback, true);
});

test("this machine lists each usable address once", () => {
  const found = detectHost().interfaces();
  assert.ok(found.length > 0);
  assert.equal(new Set(found.map(({ ip }) => ip)).size, found.length);
  for (const { ip, family } of found) assert.equal(internAddress(ip, 1)!.family, family);
});

test("a path is known to be local by loopback and own addresses alone", () => {
  const own = [usableInterface("eth0", "192.0.2.1")!];
  const at = (ip: string) => internAddress(ip, 9)!;
  assert.equal(localDatagramSize(own, at("192.0.2.1"), at("192.0.2.1")), 65_507);
  assert.equal(localDatagramSize(own, at("127.0.0.1"), at("127.0.0.5")), 65_507);
  assert.equal(localDatagramSize(own, at("::1"), at("::1")), 65_487);
  assert.equal(localDatagramSize(own, at("192.0.2.1"), at("192.0.2.2")), undefined);
});
