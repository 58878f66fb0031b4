/** Our own certificates: what a DTLS endpoint proves itself with. */
import { type Entropy, equalBytes } from "../base/mod.ts";
import { CryptoError } from "./errors.ts";
import { type FingerprintAlgorithm, fingerprintBytes, formatFingerprint } from "./fingerprint.ts";
import type { CryptoProvider, SigningKey, SigningKeyAlgorithm } from "./provider.ts";
import { parsePublicKeyInfo } from "./public_key.ts";
import { parseCertificate } from "./x509.ts";
import { createSelfSigned } from "./x509_create.ts";

/** A certificate with its private key. */
export class Certificate {
  /** The X.509 certificate, DER. Not to be written to. */
  readonly der: Uint8Array;
  /** The key that the certificate carries. */
  readonly privateKey: SigningKey;
  /** When it ends, Unix milliseconds. */
  readonly expiresMs: number;

  /**
   * Joins a certificate with its key, for example from storage.
   *
   * @param der a certificate that carries the public half of `privateKey`; copied
   * @throws {CryptoError} `invalid-certificate` when it does not, cannot be read, or has a key too weak
   *   for peers to take
   */
  constructor(der: Uint8Array, privateKey: SigningKey) {
    this.der = der.slice();
    const info = parseCertificate(this.der);
    if (info === undefined) {
      throw new CryptoError("invalid-certificate", "not a DER X.509 certificate");
    }
    if (!equalBytes(info.publicKeyInfo, privateKey.publicKeyInfo)) {
      throw new CryptoError("invalid-certificate", "the key is not the certificate's");
    }
    if (parsePublicKeyInfo(info.publicKeyInfo) === undefined) {
      throw new CryptoError("invalid-certificate", "no peer would take the key");
    }
    this.privateKey = privateKey;
    this.expiresMs = info.notAfterMs;
  }

  /** The fingerprint for SDP (RFC 8122 §5): upper-case hexadecimal with colons. */
  fingerprint(algorithm: FingerprintAlgorithm): string {
    return formatFingerprint(fingerprintBytes(algorithm, this.der));
  }
}

/** How to make a {@linkcode Certificate}. */
export interface CertificateOptions {
  /** Makes the key and signs with it. */
  readonly crypto: CryptoProvider;
  /** Where key and serial number come from. */
  readonly entropy: Entropy;
  /** Unix milliseconds now; validity starts a day earlier, for peers whose clocks are slow. */
  readonly nowMs: number;
  /** How long it lasts, milliseconds; 30 days by default (W3C webrtc-pc §4.9.1), at most a year. */
  readonly lifetimeMs?: number;
  /** `ecdsa-p256` by default (RFC 8827 §6.5). */
  readonly algorithm?: SigningKeyAlgorithm;
  /** Common name; "WebRTC", as browsers say, by default. */
  readonly commonName?: string;
}

const DAY_MS = 86_400_000;

/**
 * Makes a key and a self-signed certificate for it.
 *
 * @throws {CryptoError} `unsupported` when the provider cannot make such a key
 *
 * @example
 * ```ts
 * import { createCertificate, tsCrypto } from "@sterna/webrtc/crypto";
 *
 * const certificate = createCertificate({
 *   crypto: tsCrypto,
 *   entropy: (out) => crypto.getRandomValues(out),
 *   nowMs: Date.now(),
 * });
 * console.log(`a=fingerprint:sha-256 ${certificate.fingerprint("sha-256")}`);
 * ```
 */
export function createCertificate(options: CertificateOptions): Certificate {
  const { crypto, entropy, nowMs } = options;
  const key = crypto.generateSigningKey(options.algorithm ?? "ecdsa-p256", entropy);
  // W3C webrtc-pc §4.9.1 bounds the lifetime to 365 days.
  const lifetimeMs = Math.min(options.lifetimeMs ?? 30 * DAY_MS, 365 * DAY_MS);
  const der = createSelfSigned({
    key,
    commonName: options.commonName ?? "WebRTC",
    notBeforeMs: nowMs - DAY_MS,
    notAfterMs: nowMs + lifetimeMs,
    entropy,
  });
  return new Certificate(der, key);
}
