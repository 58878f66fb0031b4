import type { AeadAlgorithm } from "../crypto/mod.ts";

/** Suites by their IANA names. */
export type CipherSuiteName =
  | "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"
  | "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
  | "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"
  | "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"
  | "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"
  | "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384";

/** One cipher suite: everything that depends on its number. */
export interface CipherSuite {
  /** IANA number. */
  readonly id: number;
  /** IANA name, as `RTCTransportStats.dtlsCipher` wants it. */
  readonly name: CipherSuiteName;
  /** Which kind of certificate the server signs with (RFC 8422 §2). */
  readonly authentication: "ecdsa" | "rsa";
  /** Record protection. */
  readonly aead: AeadAlgorithm;
  /** Key length, bytes. */
  readonly keyBytes: number;
  /** Implicit part of the nonce, from the key block, bytes (RFC 5288 §3, RFC 7905 §2). */
  readonly ivBytes: number;
  /** Part of the nonce that each record carries, bytes (RFC 5288 §3: 8; RFC 7905 §2: 0). */
  readonly explicitNonceBytes: number;
  /** Hash of the PRF and of the handshake (RFC 5246 §5). */
  readonly hash: "sha-256" | "sha-384";
}

const AES_128_GCM = {
  aead: "aes-128-gcm",
  keyBytes: 16,
  ivBytes: 4,
  explicitNonceBytes: 8,
  hash: "sha-256",
} as const;
const AES_256_GCM = { ...AES_128_GCM, aead: "aes-256-gcm", keyBytes: 32, hash: "sha-384" } as const;
const CHACHA20_POLY1305 = {
  aead: "chacha20-poly1305",
  keyBytes: 32,
  ivBytes: 12,
  explicitNonceBytes: 0,
  hash: "sha-256",
} as const;

/**
 * Every suite we speak, best first: forward secrecy and an AEAD always (RFC 8827 §6.5), AES-128-GCM
 * in front because it is mandatory there and processors have instructions for it.
 */
export const CIPHER_SUITES: readonly CipherSuite[] = [
  {
    id: 0xc02b,
    name: "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    authentication: "ecdsa",
    ...AES_128_GCM,
  },
  {
    id: 0xc02f,
    name: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    authentication: "rsa",
    ...AES_128_GCM,
  },
  {
    id: 0xcca9,
    name: "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    authentication: "ecdsa",
    ...CHACHA20_POLY1305,
  },
  {
    id: 0xcca8,
    name: "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    authentication: "rsa",
    ...CHACHA20_POLY1305,
  },
  {
    id: 0xc02c,
    name: "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    authentication: "ecdsa",
    ...AES_256_GCM,
  },
  {
    id: 0xc030,
    name: "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    authentication: "rsa",
    ...AES_256_GCM,
  },
];

/** RFC 5746 §3.3: in a ClientHello it says "renegotiation_info with nothing in it". */
export const EMPTY_RENEGOTIATION_INFO_SCSV = 0x00ff;

/** The suites with these names, in their order; unknown names are left out. */
export function suitesNamed(names: readonly CipherSuiteName[]): readonly CipherSuite[] {
  return names.flatMap((name) => CIPHER_SUITES.filter((suite) => suite.name === name));
}
