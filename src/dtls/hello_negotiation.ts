/** What the two hellos of DTLS 1.2 agree on (RFC 5246 §7.4.1). */
import { EMPTY } from "../base/mod.ts";
import type { SrtpProfile } from "../crypto/mod.ts";
import { type CipherSuite, EMPTY_RENEGOTIATION_INFO_SCSV } from "./cipher_suites.ts";
import type { ClientHello } from "./client_hello.ts";
import {
  acceptablePointFormats,
  decodeSupportedVersions,
  decodeU16List,
  decodeUseSrtp,
  encodePointFormats,
  encodeRenegotiationInfo,
  encodeU16List,
  encodeUseSrtp,
  EXTENSION_EC_POINT_FORMATS,
  EXTENSION_EXTENDED_MASTER_SECRET,
  EXTENSION_RENEGOTIATION_INFO,
  EXTENSION_SIGNATURE_ALGORITHMS,
  EXTENSION_SUPPORTED_GROUPS,
  EXTENSION_SUPPORTED_VERSIONS,
  EXTENSION_USE_SRTP,
  type Extensions,
  isFirstHandshake,
} from "./extensions.ts";
import { refuse } from "./handshake_failure.ts";
import type { HandshakeSettings } from "./handshake_port.ts";
import type { NamedGroup } from "./named_groups.ts";
import { VERSION_DTLS_1_2 } from "./record.ts";
import type { ServerHello } from "./server_hello.ts";
import type { Agreement } from "./session.ts";
import {
  authenticationOf,
  chooseScheme,
  type SchemeEntry,
  SIGNATURE_SCHEMES,
} from "./signature_schemes.ts";
import { chooseSrtpProfile, SRTP_PROFILE_IDS } from "./srtp_profiles.ts";

/** The extensions of our ClientHello. */
export function clientExtensions(settings: HandshakeSettings): Extensions {
  const extensions = new Map<number, Uint8Array>([
    [EXTENSION_EXTENDED_MASTER_SECRET, EMPTY],
    [EXTENSION_RENEGOTIATION_INFO, encodeRenegotiationInfo()],
    [EXTENSION_SUPPORTED_GROUPS, encodeU16List(settings.groups.map((group) => group.id))],
    [EXTENSION_EC_POINT_FORMATS, encodePointFormats()],
    [EXTENSION_SIGNATURE_ALGORITHMS, encodeU16List(SIGNATURE_SCHEMES.map((entry) => entry.id))],
  ]);
  if (settings.srtpProfiles.length > 0) {
    const profiles = settings.srtpProfiles.map((profile) => SRTP_PROFILE_IDS[profile]);
    extensions.set(EXTENSION_USE_SRTP, encodeUseSrtp({ profiles, mki: EMPTY }));
  }
  return extensions;
}

/** Checks a ServerHello against what we offered. */
export function readServerHello(
  settings: HandshakeSettings,
  hello: ClientHello,
  answer: ServerHello,
): Agreement {
  if (answer.version !== VERSION_DTLS_1_2) {
    refuse("protocol_version", "the server chose no DTLS 1.2");
  }
  const suite = settings.cipherSuites.find((entry) => entry.id === answer.cipherSuite);
  if (suite === undefined) refuse("illegal_parameter", "a cipher suite that was not offered");
  if (answer.compressionMethod !== 0) refuse("illegal_parameter", "compression");
  for (const type of answer.extensions.keys()) {
    // RFC 5246 §7.4.1.4: the server only answers.
    if (!hello.extensions.has(type)) refuse("unsupported_extension", `extension ${type}`);
  }
  requireExtendedMasterSecret(answer.extensions);
  requireFirstHandshake(answer.extensions);
  requirePointFormats(answer.extensions);
  return {
    suite,
    clientRandom: hello.random,
    serverRandom: answer.random.slice(),
    srtpProfile: readSrtpAnswer(settings.srtpProfiles, answer.extensions),
  };
}

/** RFC 5764 §4.1.1: exactly one profile, one of ours, and no MKI, since we sent none. */
function readSrtpAnswer(
  ours: readonly SrtpProfile[],
  extensions: Extensions,
): SrtpProfile | undefined {
  const data = extensions.get(EXTENSION_USE_SRTP);
  if (data === undefined) return undefined;
  const answer = decodeUseSrtp(data);
  if (answer === undefined) refuse("decode_error", "malformed use_srtp");
  const profile = chooseSrtpProfile(ours, answer.profiles);
  if (profile === undefined || answer.profiles.length !== 1 || answer.mki.length !== 0) {
    refuse("illegal_parameter", "an SRTP profile that was not offered");
  }
  return profile;
}

/** What the server settles on. */
export interface ServerChoice {
  /** Suite. */
  readonly suite: CipherSuite;
  /** Group of the key agreement. */
  readonly group: NamedGroup;
  /** How we sign. */
  readonly scheme: SchemeEntry;
  /** SRTP profile, if both want one. */
  readonly srtpProfile: SrtpProfile | undefined;
}

/** Checks a ClientHello and chooses by our order of preference. */
export function readClientHello(settings: HandshakeSettings, hello: ClientHello): ServerChoice {
  const { extensions, cipherSuites } = hello;
  // The hello behind a cookie could differ from the one that chose this version.
  if (!offersVersion(hello, VERSION_DTLS_1_2)) refuse("protocol_version", "no DTLS 1.2");
  if (!hello.compressionMethods.includes(0)) refuse("illegal_parameter", "no null compression");
  requireExtendedMasterSecret(extensions);
  requireFirstHandshake(extensions);
  requirePointFormats(extensions);
  const { algorithm } = settings.certificate.privateKey;
  const suite = settings.cipherSuites.find((entry) =>
    entry.authentication === authenticationOf(algorithm) && cipherSuites.includes(entry.id)
  );
  if (suite === undefined) refuse("handshake_failure", "no cipher suite in common");
  const groups = readList(extensions, EXTENSION_SUPPORTED_GROUPS);
  // RFC 8422 §4: without the extension the choice is ours, and P-256 is the one that all have.
  const group = settings.groups.find((entry) =>
    groups === undefined ? entry.curve === "secp256r1" : groups.includes(entry.id)
  );
  if (group === undefined) refuse("handshake_failure", "no group in common");
  // RFC 5246 §7.4.1.4.1: without the extension the client takes SHA-1 alone, which we do not speak.
  const schemes = readList(extensions, EXTENSION_SIGNATURE_ALGORITHMS) ?? [];
  const scheme = chooseScheme(algorithm, schemes);
  if (scheme === undefined) refuse("handshake_failure", "no signature scheme in common");
  return { suite, group, scheme, srtpProfile: readSrtpOffer(settings.srtpProfiles, extensions) };
}

/** RFC 5764 §4.1.1: an MKI may be ignored, and profiles without overlap mean no extension. */
function readSrtpOffer(
  ours: readonly SrtpProfile[],
  extensions: Extensions,
): SrtpProfile | undefined {
  const data = extensions.get(EXTENSION_USE_SRTP);
  if (data === undefined) return undefined;
  const offer = decodeUseSrtp(data);
  if (offer === undefined) refuse("decode_error", "malformed use_srtp");
  return chooseSrtpProfile(ours, offer.profiles);
}

/** The extensions of our ServerHello: answers alone. */
export function serverExtensions(hello: ClientHello, choice: ServerChoice): Extensions {
  const extensions = new Map<number, Uint8Array>([[EXTENSION_EXTENDED_MASTER_SECRET, EMPTY]]);
  if (
    hello.extensions.has(EXTENSION_RENEGOTIATION_INFO) ||
    hello.cipherSuites.includes(EMPTY_RENEGOTIATION_INFO_SCSV)
  ) {
    // RFC 5746 §3.6: the signaling suite value asks for the extension too.
    extensions.set(EXTENSION_RENEGOTIATION_INFO, encodeRenegotiationInfo());
  }
  if (hello.extensions.has(EXTENSION_EC_POINT_FORMATS)) {
    extensions.set(EXTENSION_EC_POINT_FORMATS, encodePointFormats());
  }
  if (choice.srtpProfile !== undefined) {
    const profiles = [SRTP_PROFILE_IDS[choice.srtpProfile]];
    extensions.set(EXTENSION_USE_SRTP, encodeUseSrtp({ profiles, mki: EMPTY }));
  }
  return extensions;
}

/**
 * RFC 7627 §5.2 and §5.3 let both sides insist on the extension, and §5.4 forbids exporters without
 * it, on which SRTP keys depend. Everything that speaks WebRTC today offers it (BoringSSL, NSS,
 * OpenSSL since 1.1.0, GnuTLS, Mbed TLS, pion, werift), so its absence is a downgrade.
 */
function requireExtendedMasterSecret(extensions: Extensions): void {
  const data = extensions.get(EXTENSION_EXTENDED_MASTER_SECRET);
  if (data === undefined) refuse("handshake_failure", "no extended master secret (RFC 7627)");
  if (data.length !== 0) refuse("decode_error", "malformed extended_master_secret");
}

/** RFC 5746 §3.4, §3.6: this is a first handshake on both sides, or someone splices. */
function requireFirstHandshake(extensions: Extensions): void {
  const data = extensions.get(EXTENSION_RENEGOTIATION_INFO);
  if (data !== undefined && !isFirstHandshake(data)) {
    refuse("handshake_failure", "renegotiation_info in a first handshake is not empty");
  }
}

function requirePointFormats(extensions: Extensions): void {
  const data = extensions.get(EXTENSION_EC_POINT_FORMATS);
  if (data !== undefined && !acceptablePointFormats(data)) {
    refuse("illegal_parameter", "no uncompressed points");
  }
}

function readList(extensions: Extensions, type: number): number[] | undefined {
  const data = extensions.get(type);
  if (data === undefined) return undefined;
  return decodeU16List(data) ?? refuse("decode_error", `malformed extension ${type}`);
}

/**
 * RFC 8446 §4.2.1: supported_versions alone counts where it is present; before it, a client spoke
 * everything up to the version of its hello (RFC 5246 §E.1; DTLS counts downwards).
 */
export function offersVersion(hello: ClientHello, wire: number): boolean {
  const data = hello.extensions.get(EXTENSION_SUPPORTED_VERSIONS);
  if (data === undefined) return hello.version >> 8 === 254 && hello.version <= wire;
  const versions = decodeSupportedVersions(data);
  if (versions === undefined) refuse("decode_error", "malformed supported_versions");
  return versions.includes(wire);
}
