import type { Entropy } from "../base/mod.ts";
import {
  type Certificate,
  createCertificate,
  CryptoError,
  type CryptoProvider,
  type SigningKeyAlgorithm,
} from "../crypto/mod.ts";
import { classString, enforceRange, illegalConstructor } from "./webidl.ts";

/** A certificate's hash (webrtc-pc §5.5, RTCDtlsFingerprint). */
export interface RTCDtlsFingerprint {
  /** Such as "sha-256". */
  algorithm?: string;
  /** Lower-case hexadecimal with colons. */
  value?: string;
}

/** What `RTCPeerConnection.generateCertificate` takes: a WebCrypto AlgorithmIdentifier with `expires`. */
export type RTCCertificateAlgorithm = string | {
  /** "ECDSA" or "RSASSA-PKCS1-v1_5". */
  name: string;
  /** For ECDSA: "P-256". */
  namedCurve?: string | undefined;
  /** For RSA: 2048. */
  modulusLength?: number | undefined;
  /** For RSA: 65537 as big-endian bytes. */
  publicExponent?: Uint8Array | undefined;
  /** For RSA: "SHA-256". */
  hash?: string | { name: string } | undefined;
  /** Milliseconds of validity from now; 30 days by default, at most a year. */
  expires?: number | undefined;
};

/** webrtc-pc §4.9.1: validity if nothing is said, and at most, milliseconds. */
const DEFAULT_EXPIRES_MS = 30 * 24 * 60 * 60 * 1000;
const MAX_EXPIRES_MS = 365 * 24 * 60 * 60 * 1000;

let make: (certificate: Certificate, expires: number) => RTCCertificate;
let reveal: (certificate: RTCCertificate) => Certificate;

/** A certificate that connections prove themselves with (webrtc-pc §4.9.3). */
export class RTCCertificate {
  static {
    classString(this, "RTCCertificate");
    make = (certificate, expires) => new RTCCertificate(certificate, expires);
    reveal = (certificate) => certificate.#certificate;
  }

  readonly #certificate: Certificate;
  readonly #expires: number;

  private constructor(certificate: Certificate, expires: number) {
    if (certificate === undefined) throw illegalConstructor();
    this.#certificate = certificate;
    this.#expires = expires;
  }

  /** When it ends, Unix milliseconds. */
  get expires(): number {
    return this.#expires;
  }

  /** Its hashes, as a peer sees them in SDP. */
  getFingerprints(): RTCDtlsFingerprint[] {
    const value = this.#certificate.fingerprint("sha-256").toLowerCase();
    return [{ algorithm: "sha-256", value }];
  }
}

/** What generating needs from the host. */
export interface CertificateHost {
  readonly crypto: CryptoProvider;
  readonly entropy: Entropy;
}

/** The certificate and key behind the W3C object. */
export function certificateOf(certificate: RTCCertificate): Certificate {
  return reveal(certificate);
}

/** The certificate that a connection makes for itself: ECDSA on P-256 (webrtc-pc §4.9). */
export function createDefaultCertificate(host: CertificateHost, now: number): Certificate {
  return createCertificate({ crypto: host.crypto, entropy: host.entropy, nowMs: now });
}

/**
 * `RTCPeerConnection.generateCertificate` (webrtc-pc §4.9.1).
 *
 * @throws {DOMException} `NotSupportedError` for other algorithms than the two that are required
 * @throws {TypeError} for malformed parameters
 */
export function generateCertificate(
  host: CertificateHost,
  keygenAlgorithm: RTCCertificateAlgorithm,
  now: number,
): RTCCertificate {
  const expires = typeof keygenAlgorithm === "object" && keygenAlgorithm?.expires !== undefined
    ? enforceRange(keygenAlgorithm.expires, Number.MAX_SAFE_INTEGER, "expires")
    : DEFAULT_EXPIRES_MS;
  const lifetimeMs = Math.min(expires, MAX_EXPIRES_MS);
  const algorithm = normalize(keygenAlgorithm);
  try {
    const certificate = createCertificate({
      crypto: host.crypto,
      entropy: host.entropy,
      nowMs: now,
      lifetimeMs,
      algorithm,
    });
    return make(certificate, now + lifetimeMs);
  } catch (error) {
    if (error instanceof CryptoError && error.code === "unsupported") notSupported(error.message);
    throw error;
  }
}

/** WebCrypto §18.4 "normalizing an algorithm", as far as it concerns the two that are supported. */
function normalize(given: RTCCertificateAlgorithm): SigningKeyAlgorithm {
  const parameters = typeof given === "object" && given !== null ? given : { name: String(given) };
  if (parameters.name === undefined) throw new TypeError("an algorithm must have a name");
  switch (String(parameters.name).toUpperCase()) {
    case "ECDSA":
      if (parameters.namedCurve === undefined) throw new TypeError("ECDSA needs a namedCurve");
      if (parameters.namedCurve !== "P-256") notSupported(`ECDSA on ${parameters.namedCurve}`);
      return "ecdsa-p256";
    case "RSASSA-PKCS1-V1_5":
      checkRsa(parameters);
      return "rsa-2048";
    default:
      return notSupported(String(parameters.name));
  }
}

function checkRsa(parameters: Exclude<RTCCertificateAlgorithm, string>): void {
  const { modulusLength, publicExponent, hash } = parameters;
  if (modulusLength === undefined || hash === undefined) {
    throw new TypeError("RSASSA-PKCS1-v1_5 needs modulusLength, publicExponent and hash");
  }
  if (!(publicExponent instanceof Uint8Array)) {
    throw new TypeError("publicExponent must be a Uint8Array");
  }
  const hashName = typeof hash === "object" ? hash.name : hash;
  if (modulusLength !== 2048) notSupported(`a modulus of ${modulusLength} bits`);
  if (String(hashName).toUpperCase() !== "SHA-256") notSupported(`the hash ${hashName}`);
  const significant = publicExponent.subarray(publicExponent.findIndex((byte) => byte !== 0));
  if (significant.join() !== "1,0,1") notSupported("a public exponent other than 65537");
}

function notSupported(what: string): never {
  throw new DOMException(`${what} is not supported for certificates`, "NotSupportedError");
}
