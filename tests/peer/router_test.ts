import assert from "node:assert/strict";
import { internAddress } from "../../src/base/mod.ts";
import { packetKind, PortRouter } from "../../src/peer/mod.ts";
import { StunAttribute, StunClass, StunMethod, StunWriter } from "../../src/stun/mod.ts";
import { test } from "../harness.ts";

const alice = internAddress("192.0.2.1", 1000)!;
const bob = internAddress("192.0.2.2", 2000)!;
const DTLS = new Uint8Array([22, 254, 253]);

function stun(messageClass: 0 | 1 | 2 | 3, username?: string): Uint8Array {
  const out = new Uint8Array(200);
  const writer = new StunWriter();
  writer.begin(out, 0, StunMethod.BINDING, messageClass, new Uint8Array(12));
  if (username !== undefined) writer.text(StunAttribute.USERNAME, username);
  return out.subarray(0, writer.fingerprint().finish());
}

test("packetKind tells datagrams apart by their first byte (RFC 7983 §7)", () => {
  const kinds = [0, 3, 4, 16, 19, 20, 63, 64, 79, 80, 127, 128, 191, 192, 255]
    .map((first) => packetKind(new Uint8Array([first])));
  assert.deepEqual(kinds, [
    "stun",
    "stun",
    "unknown",
    "unknown",
    "unknown",
    "dtls",
    "dtls",
    "turn-channel",
    "turn-channel",
    "unknown",
    "unknown",
    "rtp",
    "rtp",
    "unknown",
    "unknown",
  ]);
  assert.equal(packetKind(new Uint8Array(0)), "unknown");
});

test("PortRouter finds a peer by the username of a request (RFC 8445 §7.2.2)", () => {
  const router = new PortRouter<string>(() => false);
  router.addFragment("aaaa", "A");
  router.addFragment("bbbb", "B");
  assert.equal(router.route(stun(StunClass.REQUEST, "bbbb:remote"), alice), "B");
  assert.equal(router.route(stun(StunClass.REQUEST, "aaaa:bbbb"), alice), "A");
  assert.equal(router.dropped, 0);
});

test("PortRouter drops and counts what belongs to nobody", () => {
  const router = new PortRouter<string>(() => false);
  router.addFragment("aaaa", "A");
  const strays = [
    stun(StunClass.REQUEST, "cccc:aaaa"),
    stun(StunClass.REQUEST, "aaaa"),
    stun(StunClass.REQUEST, ":aaaa"),
    stun(StunClass.REQUEST),
    stun(StunClass.SUCCESS),
    stun(StunClass.REQUEST, "aaaa:x").subarray(0, 30),
    new Uint8Array([0]),
    new Uint8Array(0),
    DTLS,
  ];
  for (const stray of strays) assert.equal(router.route(stray, bob), undefined);
  assert.equal(router.dropped, strays.length);
});

test("PortRouter routes what carries no name by the bound address", () => {
  const router = new PortRouter<string>(() => false);
  router.bind(alice, "A", false);
  assert.equal(router.route(DTLS, alice), "A");
  assert.equal(router.route(stun(StunClass.SUCCESS), alice), "A");
  assert.equal(router.route(DTLS, bob), undefined);
  router.remove("A");
  assert.equal(router.route(DTLS, alice), undefined);
});

test("PortRouter lets nobody take an address over who has not verified it", () => {
  const router = new PortRouter<string>(() => false);
  router.bind(alice, "A", true);
  router.bind(alice, "thief", false);
  assert.equal(router.route(DTLS, alice), "A");
  router.bind(alice, "successor", true);
  assert.equal(router.route(DTLS, alice), "successor");
  router.unbind(alice, "successor");
  assert.equal(router.route(DTLS, alice), "A");
});

test("PortRouter gives responses to who asked, though others claimed the address first", () => {
  const router = new PortRouter<string>((peer) => peer === "late");
  for (const thief of ["thief 1", "thief 2"]) router.bind(alice, thief, false);
  router.bind(alice, "late", false);
  assert.equal(router.route(DTLS, alice), "thief 1", "until somebody has verified the address");
  assert.equal(router.route(stun(StunClass.SUCCESS), alice), "late");
  assert.equal(router.route(stun(StunClass.ERROR), alice), "late");
  router.bind(alice, "late", true);
  assert.equal(router.route(DTLS, alice), "late");
  router.remove("late");
  assert.equal(router.route(stun(StunClass.SUCCESS), alice), undefined, "nobody asked");
});

test("PortRouter pins an address once, and lets go of it with its peer", () => {
  const address = internAddress("192.0.2.9", 9)!;
  const router = new PortRouter<string>(() => false);
  router.bind(address, "A", false);
  router.bind(address, "B", true);
  assert.equal(address.pins, 1);
  router.remove("A");
  assert.equal(address.pins, 1);
  router.remove("B");
  assert.equal(address.pins, 0);
});

test("PortRouter keeps a bounded number of username fragments per peer (RFC 8445 §9)", () => {
  const router = new PortRouter<string>(() => false);
  router.addFragment("other", "B");
  for (let i = 0; i < 1000; i++) router.addFragment(`aaaa${i}`, "A");
  const found = (fragment: string) =>
    router.route(stun(StunClass.REQUEST, `${fragment}:remote`), alice);
  assert.equal(found("aaaa999"), "A");
  assert.equal(found("aaaa992"), "A");
  assert.equal(found("aaaa991"), undefined);
  assert.equal(found("other"), "B");
  router.remove("A");
  assert.equal(found("aaaa999"), undefined);
});

test("PortRouter keeps a bounded number of addresses per peer, the verified one always", () => {
  const router = new PortRouter<string>(() => false);
  const home = internAddress("192.0.2.4", 4)!;
  router.bind(home, "A", false);
  router.bind(home, "A", true);
  const others = Array.from({ length: 1000 }, (_, i) => internAddress("192.0.2.3", 1 + i)!);
  for (const address of others) router.bind(address, "A", false);
  assert.equal(others.filter(({ pins }) => pins > 0).length, 127);
  assert.equal(router.route(DTLS, home), "A");
  assert.equal(router.route(DTLS, others[999]!), "A");
  assert.equal(router.route(DTLS, others[0]!), undefined);
  router.remove("A");
  assert.ok([home, ...others].every(({ pins }) => pins === 0));
});
