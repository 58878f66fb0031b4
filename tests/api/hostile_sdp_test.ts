import assert from "node:assert/strict";
import { randomU32, seededEntropy } from "../../src/base/mod.ts";
import { test } from "../harness.ts";
import { audio, data, legacyData, sdp } from "./sdp_fixtures.ts";
import { peers, turns } from "./virtual_peers.ts";

const ALLOWED = ["InvalidAccessError", "OperationError"];

/** One random change of a description: lines lost, doubled, moved, or with other characters. */
function mutate(text: string, draw: (count: number) => number): string {
  const lines = text.split("\r\n");
  const at = draw(lines.length);
  switch (draw(6)) {
    case 0:
      lines.splice(at, 1);
      break;
    case 1:
      lines.splice(at, 0, lines[draw(lines.length)]!);
      break;
    case 2:
      lines[at] = lines[at]!.replace(/\d+/, String([0, 1, 9, 65535, 65536, 2 ** 31][draw(6)]));
      break;
    case 3:
      lines[at] = lines[at]!.slice(0, draw(lines[at]!.length + 1));
      break;
    case 4:
      lines[at] = lines[at]!.replace(/[^=:]+$/, ["", "x", "é", "active", "0", "*"][draw(6)]!);
      break;
    case 5:
      lines.push(...lines.splice(at, 1 + draw(4)));
      break;
  }
  return lines.join("\r\n");
}

/** Applies what a hostile peer sends, and fails on anything but a documented refusal. */
async function apply(text: string, type: "offer" | "answer", note: string): Promise<boolean> {
  const { a, end } = peers({ trickle: false });
  try {
    if (type === "answer") {
      a.createDataChannel("x");
      await a.setLocalDescription();
    }
    const before = a.signalingState;
    try {
      await a.setRemoteDescription({ type, sdp: text });
    } catch (error) {
      const { name } = error as Error;
      assert.ok(ALLOWED.includes(name), `${note}: ${error}\n${text}`);
      assert.equal(a.signalingState, before, `${note}: refused, but changed the state\n${text}`);
      assert.equal(a.remoteDescription, null);
      return false;
    }
    if (type === "offer") await a.setLocalDescription();
    await turns(3);
    return true;
  } finally {
    end();
  }
}

test("Mutated offers and answers are taken or refused whole, with documented errors (webrtc-pc §4.4.1.4)", async () => {
  const seed = 2026;
  const entropy = seededEntropy(seed);
  const draw = (count: number): number => count === 0 ? 0 : randomU32(entropy) % count;
  const candidate = "a=candidate:1 1 udp 2122260223 192.0.2.1 54321 typ host";
  const seeds = [
    sdp("a=group:BUNDLE 0 1", ...audio("0", "aaaa"), ...data("1", "aaaa"), candidate),
    sdp(...data("0", "peer"), candidate, "a=end-of-candidates"),
    sdp(...legacyData("0", "peer")),
  ];
  const answer = sdp("a=group:BUNDLE 0", ...data("0", "peer", "active"), candidate);
  let taken = 0;
  for (let i = 0; i < 300; i++) {
    const type = draw(3) === 0 ? "answer" : "offer";
    let text = type === "answer" ? answer : seeds[draw(seeds.length)]!;
    for (let n = draw(3); n >= 0; n--) text = mutate(text, draw);
    if (await apply(text, type, `seed ${seed}, round ${i}`)) taken++;
  }
  assert.ok(taken > 30 && taken < 290, `${taken} of 300 were taken`);
});

test("Fingerprints that prove nothing, and SCTP port 0, are refused (RFC 8122 §5, RFC 8841 §5)", async () => {
  const lines = data("0", "peer");
  const withFingerprint = (line: string): string =>
    sdp(...lines.map((old) => old.startsWith("a=fingerprint") ? line : old));
  for (
    const line of [
      `a=fingerprint:md5 ${Array(16).fill("AA").join(":")}`,
      `a=fingerprint:md2 ${Array(16).fill("AA").join(":")}`,
      "a=fingerprint:sha-3000 AA:BB",
    ]
  ) assert.equal(await apply(withFingerprint(line), "offer", line), false, line);
  const port0 = sdp(...lines.map((line) => line.replace("sctp-port:5000", "sctp-port:0")));
  assert.equal(await apply(port0, "offer", "port 0"), false);
});
