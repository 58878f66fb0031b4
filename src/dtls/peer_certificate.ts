import { parseCertificate, parsePublicKeyInfo } from "../crypto/mod.ts";
import { parseCertificateMessage } from "./certificate_message.ts";
import { matchesFingerprint } from "./fingerprints.ts";
import { refuse } from "./handshake_failure.ts";
import type { HandshakePort, HandshakeSettings } from "./handshake_port.ts";
import { signatureScheme } from "./signature_schemes.ts";

/** The peer's certificate: announced by its fingerprint, its key not yet shown to be the peer's. */
export interface PeerCertificate {
  /** DER SubjectPublicKeyInfo. */
  readonly publicKeyInfo: Uint8Array;
  /** Kind of key. */
  readonly authentication: "ecdsa" | "rsa";
}

/**
 * Reads a Certificate message and checks the fingerprint of the peer's own certificate at once, so
 * that nothing more is computed for a stranger. Names, dates and issuers mean nothing here: the
 * fingerprint from signaling is the whole trust (RFC 8122 §6.2, RFC 8827 §6.5).
 */
export function acceptCertificate(
  settings: HandshakeSettings,
  port: HandshakePort,
  body: Uint8Array,
): PeerCertificate {
  const certificates = parseCertificateMessage(body);
  if (certificates === undefined) refuse("decode_error", "malformed Certificate message");
  const own = certificates[0];
  // RFC 8122 §6.2: none at all ends the connection like a wrong one; WebRTC has no anonymous peers.
  if (own === undefined) refuse("bad_certificate", "the peer presented no certificate");
  if (!matchesFingerprint(settings.crypto, own, settings.remoteFingerprints)) {
    refuse(
      "bad_certificate",
      "the peer's certificate matches none of its fingerprints (RFC 8122 §5)",
      "fingerprint-failure",
    );
  }
  const info = parseCertificate(own);
  const key = info && parsePublicKeyInfo(info.publicKeyInfo);
  if (info === undefined || key === undefined) {
    refuse("unsupported_certificate", "the peer's certificate has no key that we support");
  }
  port.setRemoteCertificates(certificates.map((certificate) => certificate.slice()));
  return {
    publicKeyInfo: info.publicKeyInfo,
    authentication: key.kind === "ec" ? "ecdsa" : "rsa",
  };
}

/**
 * Proves that the peer owns the key of its certificate: the scheme must be one we offered and fit
 * the key (RFC 5246 §7.4.3, §7.4.8), and the signature must be right.
 */
export function requireSignature(
  settings: HandshakeSettings,
  certificate: PeerCertificate,
  schemeId: number,
  content: Uint8Array,
  signature: Uint8Array,
): void {
  const entry = signatureScheme(schemeId);
  if (entry?.authentication !== certificate.authentication) {
    refuse("illegal_parameter", "a signature scheme that was not offered or does not fit the key");
  }
  const { crypto } = settings;
  if (!crypto.verify(entry.scheme, certificate.publicKeyInfo, content, signature)) {
    refuse("decrypt_error", "the peer does not own the key of its certificate");
  }
}
