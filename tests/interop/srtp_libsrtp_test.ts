/**
 * SRTP and SRTCP against libsrtp 2 in both directions: all four profiles, several sources, headers of
 * every form, rollovers. Skipped where there is no C compiler or no libsrtp. Cryptex (RFC 9335) is not
 * tested here: libsrtp has it from version 3 on, which Debian does not ship.
 *
 * @module
 */
import assert from "node:assert/strict";
import { seededEntropy } from "../../src/base/mod.ts";
import {
  SRTP_MALFORMED,
  SRTP_REFUSED,
  SRTP_REPLAYED,
  type SrtpCipherProvider,
  type SrtpProfile,
  SrtpReceiver,
  SrtpSender,
} from "../../src/srtp/mod.ts";
import { test } from "../harness.ts";
import {
  LIBSRTP_AUTH_FAIL,
  LIBSRTP_REPLAY_FAIL,
  libsrtpMissing,
  LibsrtpPeer,
} from "./peers/libsrtp.ts";
import { type Kind, mustBePackets, protectAll, providers, unprotectAll } from "./srtp_ends.ts";
import {
  disturb,
  type MasterKeys,
  PROFILES,
  randomKeys,
  rtcpTraffic,
  rtpTraffic,
  shortTraffic,
} from "./srtp_traffic.ts";

const missing = await libsrtpMissing();

/** What one test works with. */
interface Setting extends MasterKeys {
  readonly libsrtp: LibsrtpPeer;
  readonly ciphers: SrtpCipherProvider;
  readonly profile: SrtpProfile;
}

/** Registers a test for each provider and profile, each with keys and a libsrtp of its own. */
function forEach(name: string, body: (setting: Setting) => Promise<void>): void {
  for (const ciphers of providers) {
    for (const profile of PROFILES) {
      test(`${name} [${profile}, ${ciphers.name}]`, async () => {
        const libsrtp = await LibsrtpPeer.start();
        try {
          const keys = randomKeys(profile, seededEntropy(profile.length));
          await body({ libsrtp, ciphers, profile, ...keys });
        } finally {
          await libsrtp.close();
        }
      }, { skip: missing });
    }
  }
}

/** Packets of ours, opened by libsrtp in another order and with losses. */
async function sendToLibsrtp(
  { libsrtp, ...setting }: Setting,
  packets: readonly Uint8Array[],
  kind: Kind,
): Promise<void> {
  const sender = new SrtpSender(setting);
  const theirs = await libsrtp.open({ way: "receive", ...setting });
  const pairs = mustBePackets(protectAll(sender, packets, kind))
    .map((sealed, index) => ({ sealed, plain: packets[index]! }));
  const arriving = disturb(pairs, 1);
  const opened = await theirs.mustApply(
    kind === "rtp" ? "unprotect" : "unprotect_rtcp",
    arriving.map(({ sealed }) => sealed),
  );
  assert.deepEqual(opened, arriving.map(({ plain }) => plain));
  sender.dispose();
}

/** Packets of libsrtp, opened by us in another order and with losses. */
async function receiveFromLibsrtp(
  { libsrtp, ...setting }: Setting,
  packets: readonly Uint8Array[],
  kind: Kind,
  clearRtcp = false,
): Promise<void> {
  const theirs = await libsrtp.open({ way: "send", ...setting, clearRtcp });
  const receiver = new SrtpReceiver(setting);
  const sealed = await theirs.mustApply(kind === "rtp" ? "protect" : "protect_rtcp", packets);
  const arriving = disturb(sealed.map((bytes, index) => ({ bytes, plain: packets[index]! })), 2);
  const opened = unprotectAll(receiver, arriving.map(({ bytes }) => bytes), kind);
  assert.deepEqual(mustBePackets(opened), arriving.map(({ plain }) => plain));
  receiver.dispose();
}

forEach(
  "libsrtp opens RTP of SrtpSender across rollovers (RFC 3711 §3.3)",
  (setting) => sendToLibsrtp(setting, rtpTraffic(11), "rtp"),
);

forEach(
  "SrtpReceiver opens RTP of libsrtp across rollovers (RFC 3711 §3.3)",
  (setting) => receiveFromLibsrtp(setting, rtpTraffic(12), "rtp"),
);

forEach(
  "libsrtp opens RTCP of SrtpSender (RFC 3711 §3.4)",
  (setting) => sendToLibsrtp(setting, rtcpTraffic(13), "rtcp"),
);

forEach(
  "SrtpReceiver opens RTCP of libsrtp (RFC 3711 §3.4)",
  (setting) => receiveFromLibsrtp(setting, rtcpTraffic(14), "rtcp"),
);

forEach(
  "SrtpReceiver opens RTCP that libsrtp authenticated only: the E flag is 0 (RFC 3711 §3.4)",
  (setting) => receiveFromLibsrtp(setting, rtcpTraffic(15), "rtcp", true),
);

forEach("SrtpSender and libsrtp write the same SRTP packets (RFC 3711 §3.3)", async (setting) => {
  const packets = rtpTraffic(16);
  const theirs = await setting.libsrtp.open({ way: "send", ...setting });
  const ours = protectAll(new SrtpSender(setting), packets, "rtp");
  assert.deepEqual(ours, await theirs.mustApply("protect", packets));
});

/** The packet with one bit of each byte wrong, and all of its beginnings; each with its own name. */
function damaged(packet: Uint8Array): Uint8Array[] {
  const flipped = Array.from(packet, (byte, index) => packet.with(index, byte ^ 1 << index % 8));
  const cut = Array.from(packet, (_, length) => packet.slice(0, length));
  return [...flipped, ...cut.slice(1)];
}

forEach(
  "SrtpReceiver and libsrtp refuse every damaged packet of the other, and open the whole one " +
    "afterwards (RFC 3711 §3.3)",
  async ({ libsrtp, ...setting }) => {
    const [plain] = shortTraffic(17, 1);
    const theirSender = await libsrtp.open({ way: "send", ...setting });
    const theirReceiver = await libsrtp.open({ way: "receive", ...setting });
    const receiver = new SrtpReceiver(setting);
    const [ours] = mustBePackets(protectAll(new SrtpSender(setting), [plain!], "rtp"));
    const [theirs] = await theirSender.mustApply("protect", [plain!]);

    for (const verdict of await theirReceiver.apply("unprotect", damaged(ours!))) {
      assert.equal(typeof verdict, "number");
    }
    for (const outcome of unprotectAll(receiver, damaged(theirs!), "rtp")) {
      assert.ok(outcome === SRTP_REFUSED || outcome === SRTP_MALFORMED, String(outcome));
    }
    assert.deepEqual(await theirReceiver.apply("unprotect", [ours!]), [plain]);
    assert.deepEqual(unprotectAll(receiver, [theirs!], "rtp"), [plain]);
  },
);

forEach(
  "SrtpReceiver and libsrtp refuse damaged RTCP of the other (RFC 3711 §3.4)",
  async ({ libsrtp, ...setting }) => {
    const plain = rtcpTraffic(18)[1]!;
    const theirSender = await libsrtp.open({ way: "send", ...setting });
    const theirReceiver = await libsrtp.open({ way: "receive", ...setting });
    const receiver = new SrtpReceiver(setting);
    const [ours] = mustBePackets(protectAll(new SrtpSender(setting), [plain], "rtcp"));
    const [theirs] = await theirSender.mustApply("protect_rtcp", [plain]);

    for (const verdict of await theirReceiver.apply("unprotect_rtcp", damaged(ours!))) {
      assert.equal(typeof verdict, "number");
    }
    for (const outcome of unprotectAll(receiver, damaged(theirs!), "rtcp")) {
      assert.ok(outcome === SRTP_REFUSED || outcome === SRTP_MALFORMED, String(outcome));
    }
    assert.deepEqual(await theirReceiver.apply("unprotect_rtcp", [ours!]), [plain]);
    assert.deepEqual(unprotectAll(receiver, [theirs!], "rtcp"), [plain]);
  },
);

forEach(
  "SrtpReceiver and libsrtp accept each packet of the other once (RFC 3711 §3.3.2)",
  async ({ libsrtp, ...setting }) => {
    const theirSender = await libsrtp.open({ way: "send", ...setting });
    const theirReceiver = await libsrtp.open({ way: "receive", ...setting });
    const receiver = new SrtpReceiver(setting);
    const sender = new SrtpSender(setting);
    for (const kind of ["rtp", "rtcp"] as const) {
      const plain = kind === "rtp" ? shortTraffic(19, 30) : rtcpTraffic(19);
      const [protect, unprotect] = kind === "rtp"
        ? ["protect", "unprotect"] as const
        : ["protect_rtcp", "unprotect_rtcp"] as const;
      const ours = mustBePackets(protectAll(sender, plain, kind));
      await theirReceiver.mustApply(unprotect, ours);
      for (const verdict of await theirReceiver.apply(unprotect, ours)) {
        assert.equal(verdict, LIBSRTP_REPLAY_FAIL);
      }
      const theirs = await theirSender.mustApply(protect, plain);
      mustBePackets(unprotectAll(receiver, theirs, kind));
      for (const outcome of unprotectAll(receiver, theirs, kind)) {
        assert.equal(outcome, SRTP_REPLAYED);
      }
    }
  },
);

forEach(
  "SrtpReceiver and libsrtp refuse packets under another key (RFC 3711 §3.3)",
  async ({ libsrtp, profile, ciphers, masterKey, masterSalt }) => {
    const other = { profile, ciphers, masterKey: masterKey.map((byte) => byte ^ 1), masterSalt };
    const right = { profile, ciphers, masterKey, masterSalt };
    const packets = shortTraffic(20, 20);
    const theirSender = await libsrtp.open({ way: "send", ...other });
    const theirReceiver = await libsrtp.open({ way: "receive", ...right });
    const ours = mustBePackets(protectAll(new SrtpSender(other), packets, "rtp"));
    for (const verdict of await theirReceiver.apply("unprotect", ours)) {
      assert.equal(verdict, LIBSRTP_AUTH_FAIL);
    }
    const theirs = await theirSender.mustApply("protect", packets);
    for (const outcome of unprotectAll(new SrtpReceiver(right), theirs, "rtp")) {
      assert.equal(outcome, SRTP_REFUSED);
    }
  },
);
