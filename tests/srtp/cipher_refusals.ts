/** The part of the cipher suite that attacks. @module */
import assert from "node:assert/strict";
import { type Entropy, seededEntropy } from "../../src/base/mod.ts";
import { RTP_AT, RTP_COLUMNS, RTP_LENGTH } from "../../src/rtp/mod.ts";
import {
  SRTP_OK,
  SRTP_REFUSED,
  type SrtpBatch,
  type SrtpCipher,
  type SrtpCipherOptions,
  type SrtpCipherProvider,
} from "../../src/srtp/mod.ts";
import { test } from "../harness.ts";
import {
  batchOf,
  guardsIntact,
  isVisible,
  MEMORIES,
  packetOf,
  PROFILES,
  randomCipherOptions,
  rtcpPacket,
  rtpPacket,
  sameBytes,
  statusOf,
} from "./support.ts";

/** How the tests below go over RTP and RTCP alike. */
interface Kind {
  readonly name: string;
  readonly packet: (entropy: Entropy) => Uint8Array;
  /** Where what is encrypted begins. */
  readonly secretAt: number;
  protect(cipher: SrtpCipher, batch: SrtpBatch): void;
  unprotect(cipher: SrtpCipher, batch: SrtpBatch): void;
}

const KINDS: readonly Kind[] = [
  {
    name: "SRTP",
    packet: (entropy) => rtpPacket(entropy, { payload: 40, csrcs: 1, extension: 2 }),
    secretAt: 28,
    protect: (cipher, batch) => cipher.protect(batch),
    unprotect: (cipher, batch) => cipher.unprotect(batch),
  },
  {
    name: "SRTCP",
    packet: (entropy) => rtcpPacket(entropy, 52),
    secretAt: 8,
    protect: (cipher, batch) => cipher.protectControl(batch),
    unprotect: (cipher, batch) => cipher.unprotectControl(batch),
  },
];

/** Calls `check` for each profile, kind and memory with a packet and what it is when protected. */
function forEachSealed(
  provider: SrtpCipherProvider,
  seed: number,
  check: (sealed: {
    readonly what: string;
    readonly options: SrtpCipherOptions;
    readonly kind: Kind;
    readonly plain: Uint8Array;
    readonly bytes: Uint8Array;
    /** Unprotects variants in one batch and returns it. */
    open(variants: readonly Uint8Array[], indices?: readonly number[]): SrtpBatch;
  }) => void,
): void {
  const entropy = seededEntropy(seed);
  for (const profile of PROFILES) {
    for (const kind of KINDS) {
      const options = randomCipherOptions(entropy, profile);
      const cipher = provider.createCipher(options);
      for (const memory of MEMORIES) {
        const plain = kind.packet(entropy);
        const batch = batchOf(provider, memory, [plain], [7]);
        kind.protect(cipher, batch);
        const bytes = packetOf(batch, 0);
        assert.equal(statusOf(batch, 0), SRTP_OK);
        assert.ok(!isVisible(bytes, 0, plain, kind.secretAt), "it is encrypted");
        batch.release();
        check({
          what: `${profile}, ${kind.name}, seed ${seed}`,
          options,
          kind,
          plain,
          bytes,
          open(variants, indices = variants.map(() => 7)) {
            const opened = batchOf(provider, memory, variants, indices);
            kind.unprotect(cipher, opened);
            return opened;
          },
        });
      }
      cipher.dispose();
    }
  }
}

/** Registers these tests for one provider. */
export function testRefusals(provider: SrtpCipherProvider): void {
  test(`${provider.name}: a packet with any byte changed is refused, and no plaintext shows (RFC 3711 §3.3)`, () => {
    forEachSealed(provider, 0x7a3, ({ what, kind, plain, bytes, open }) => {
      const variants: Uint8Array[] = Array.from(bytes, (_, at) => {
        const variant = bytes.slice();
        variant[at]! ^= 1 << (at % 8);
        return variant;
      });
      variants.push(bytes);
      const batch = open(variants);
      for (let i = 0; i < bytes.length; i++) {
        assert.notEqual(statusOf(batch, i), SRTP_OK, `${what}: byte ${i}`);
        const at = batch.rows[i * RTP_COLUMNS + RTP_AT]!;
        assert.ok(!isVisible(batch.bytes, at, plain, kind.secretAt), `${what}: byte ${i} shows`);
        const length = batch.rows[i * RTP_COLUMNS + RTP_LENGTH]!;
        assert.equal(length, bytes.length, `${what}: byte ${i}: the length stays`);
      }
      assert.equal(statusOf(batch, bytes.length), SRTP_OK, `${what}: the untouched one is fine`);
      assert.ok(sameBytes(packetOf(batch, bytes.length), plain), what);
      assert.ok(guardsIntact(batch, variants), `${what}: guards`);
      batch.release();
    });
  });

  test(`${provider.name}: a packet cut to any length, or with bytes behind it, is refused`, () => {
    forEachSealed(provider, 0x7a4, ({ what, kind, plain, bytes, open }) => {
      const variants: Uint8Array[] = Array.from(bytes, (_, length) => bytes.slice(0, length));
      for (let more = 1; more <= 20; more++) {
        const longer = new Uint8Array(bytes.length + more);
        longer.set(bytes);
        variants.push(longer);
      }
      const batch = open(variants);
      variants.forEach((variant, i) => {
        assert.notEqual(statusOf(batch, i), SRTP_OK, `${what}: ${variant.length} bytes`);
        const at = batch.rows[i * RTP_COLUMNS + RTP_AT]!;
        assert.ok(!isVisible(batch.bytes, at, plain, kind.secretAt), `${what}: it shows`);
      });
      assert.ok(guardsIntact(batch, variants), `${what}: guards`);
      batch.release();
    });
  });

  test(`${provider.name}: another key, salt or rollover counter refuses`, () => {
    forEachSealed(provider, 0x7a5, ({ what, options, kind, plain, bytes, open }) => {
      for (const field of ["key", "salt", "authKey"] as const) {
        const wrong: SrtpCipherOptions = {
          ...options,
          rtp: { ...options.rtp, [field]: flipped(options.rtp[field]) },
          rtcp: { ...options.rtcp, [field]: flipped(options.rtcp[field]) },
        };
        const aead = options.rtp.authKey.length === 0;
        // Without an authentication key of its own, and with HMAC over the ciphertext, nothing checks.
        if (aead ? field === "authKey" : field !== "authKey") continue;
        const cipher = provider.createCipher(wrong);
        const batch = batchOf(provider, false, [bytes], [7]);
        kind.unprotect(cipher, batch);
        assert.equal(statusOf(batch, 0), SRTP_REFUSED, `${what}: ${field}`);
        const at = batch.rows[RTP_AT]!;
        assert.ok(!isVisible(batch.bytes, at, plain, kind.secretAt), `${what}: ${field}`);
        batch.release();
        cipher.dispose();
      }
      if (kind.name !== "SRTP") return;
      for (const roc of [6, 8, 0x8000_0007, 0xffff_ffff]) {
        const batch = open([bytes], [roc]);
        assert.equal(statusOf(batch, 0), SRTP_REFUSED, `${what}: rollover ${roc}`);
        batch.release();
      }
    });
  });

  test(`${provider.name}: the E flag of SRTCP is authenticated (RFC 3711 §3.4)`, () => {
    forEachSealed(provider, 0x7a6, ({ what, kind, bytes, options, open }) => {
      if (kind.name !== "SRTCP") return;
      const aead = options.rtp.authKey.length === 0;
      const wordAt = bytes.length - (aead ? 4 : 14);
      assert.equal(bytes[wordAt]! & 0x80, 0x80, `${what}: what we send is encrypted`);
      const clear = bytes.slice();
      clear[wordAt]! ^= 0x80;
      const batch = open([clear]);
      assert.equal(statusOf(batch, 0), SRTP_REFUSED, what);
      batch.release();
    });
  });
}

function flipped(bytes: Uint8Array): Uint8Array {
  const other = bytes.slice();
  if (other.length > 0) other[other.length >> 1]! ^= 0x10;
  return other;
}
