import { concatBytes, utf8Encode } from "../base/mod.ts";
import type { CryptoProvider } from "../crypto/mod.ts";
import type { CipherSuite } from "./cipher_suites.ts";

/** RFC 5246 §8.1. */
const MASTER_SECRET_BYTES = 48;

/** RFC 5246 §7.4.9: `verify_data_length` of every suite we speak. */
const VERIFY_DATA_BYTES = 12;

/**
 * The pseudorandom function of TLS 1.2 (RFC 5246 §5): P_hash over label and seed.
 *
 * @param length bytes wanted
 */
export function prf(
  crypto: CryptoProvider,
  hash: "sha-256" | "sha-384",
  secret: Uint8Array,
  label: string,
  seed: Uint8Array,
  length: number,
): Uint8Array {
  const hmac = crypto.createHmac(hash, secret);
  const labelAndSeed = concatBytes(utf8Encode(label), seed);
  const out = new Uint8Array(length);
  let a: Uint8Array = labelAndSeed;
  for (let at = 0; at < length;) {
    a = hmac.sign(a);
    const block = hmac.sign(a, labelAndSeed);
    const take = Math.min(block.length, length - at);
    out.set(block.subarray(0, take), at);
    at += take;
  }
  return out;
}

/** RFC 7627 §4: bound to the whole handshake by its hash up to ClientKeyExchange. */
export function extendedMasterSecret(
  crypto: CryptoProvider,
  suite: CipherSuite,
  preMasterSecret: Uint8Array,
  sessionHash: Uint8Array,
): Uint8Array {
  return prf(
    crypto,
    suite.hash,
    preMasterSecret,
    "extended master secret",
    sessionHash,
    MASTER_SECRET_BYTES,
  );
}

/** The keys of one direction. */
export interface TrafficKeys {
  /** AEAD key. */
  readonly key: Uint8Array;
  /** Implicit part of the nonce. */
  readonly iv: Uint8Array;
}

/** RFC 5246 §6.3: the key block, partitioned; AEAD suites have no MAC keys. */
export function trafficKeys(
  crypto: CryptoProvider,
  suite: CipherSuite,
  masterSecret: Uint8Array,
  clientRandom: Uint8Array,
  serverRandom: Uint8Array,
): { client: TrafficKeys; server: TrafficKeys } {
  const { keyBytes, ivBytes } = suite;
  const block = prf(
    crypto,
    suite.hash,
    masterSecret,
    "key expansion",
    concatBytes(serverRandom, clientRandom),
    2 * (keyBytes + ivBytes),
  );
  const ivs = 2 * keyBytes;
  return {
    client: { key: block.subarray(0, keyBytes), iv: block.subarray(ivs, ivs + ivBytes) },
    server: { key: block.subarray(keyBytes, ivs), iv: block.subarray(ivs + ivBytes) },
  };
}

/** RFC 5246 §7.4.9: what the Finished message of `sender` must hold. */
export function verifyData(
  crypto: CryptoProvider,
  suite: CipherSuite,
  masterSecret: Uint8Array,
  sender: "client" | "server",
  transcriptHash: Uint8Array,
): Uint8Array {
  const label = sender === "client" ? "client finished" : "server finished";
  return prf(crypto, suite.hash, masterSecret, label, transcriptHash, VERIFY_DATA_BYTES);
}

/** RFC 5705 §4, RFC 7627 §4: exporting under one of these would give a secret of TLS away. */
const RESERVED_LABELS: readonly string[] = [
  "client finished",
  "server finished",
  "master secret",
  "extended master secret",
  "key expansion",
];

/** Whether an exporter must not be asked for `label`. */
export function isReservedLabel(label: string): boolean {
  return RESERVED_LABELS.includes(label);
}

/** RFC 5705 §4, without a context (RFC 5764 §4.2 has none). */
export function exportKeyingMaterial(
  crypto: CryptoProvider,
  suite: CipherSuite,
  masterSecret: Uint8Array,
  clientRandom: Uint8Array,
  serverRandom: Uint8Array,
  label: string,
  length: number,
): Uint8Array {
  const seed = concatBytes(clientRandom, serverRandom);
  return prf(crypto, suite.hash, masterSecret, label, seed, length);
}
