import { type Entropy, equalBytes, randomBytes, utf8Encode } from "../base/mod.ts";
import type { HashAlgorithm, HmacKey } from "../crypto/mod.ts";
import { IceError } from "./errors.ts";
import {
  MAX_CREDENTIAL_LENGTH,
  MAX_USERNAME_LENGTH,
  MIN_PASSWORD_LENGTH,
  MIN_UFRAG_LENGTH,
} from "./limits.ts";
import type { IceParameters } from "./types.ts";

/** The part of a `CryptoProvider` that ICE needs. */
export interface IceCrypto {
  /** Prepares a MAC key. */
  createHmac(algorithm: HashAlgorithm, key: Uint8Array): HmacKey;
}

/** RFC 8839 §5.4: the characters of username fragments and passwords, six bits each. */
const ICE_CHARS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const ICE_TEXT = /^[A-Za-z0-9+/]+$/;
/** 48 bits; RFC 8445 §5.3 asks for 24, but one UDP port here tells many peers apart by it. */
const UFRAG_LENGTH = 8;
/** 144 bits; RFC 8445 §5.3 asks for 128. */
const PASSWORD_LENGTH = 24;

/** New random parameters of our own, for a constructor or a restart. */
export function generateIceParameters(entropy: Entropy, lite = false): IceParameters {
  return {
    usernameFragment: randomText(entropy, UFRAG_LENGTH),
    password: randomText(entropy, PASSWORD_LENGTH),
    lite,
  };
}

function randomText(entropy: Entropy, length: number): string {
  let text = "";
  for (const byte of randomBytes(entropy, length)) text += ICE_CHARS[byte & 63];
  return text;
}

function check(parameters: IceParameters): void {
  const { usernameFragment, password } = parameters;
  if (!isCredential(usernameFragment, MIN_UFRAG_LENGTH)) {
    throw new IceError("invalid-parameters", "A username fragment has 4 to 256 ICE characters");
  }
  if (!isCredential(password, MIN_PASSWORD_LENGTH)) {
    throw new IceError("invalid-parameters", "A password has 22 to 256 ICE characters");
  }
}

function isCredential(text: string, minLength: number): boolean {
  return text.length >= minLength && text.length <= MAX_CREDENTIAL_LENGTH && ICE_TEXT.test(text);
}

/** Our own parameters with what checks need of them, prepared once. */
export class LocalCredentials {
  /** As signaled. */
  readonly parameters: IceParameters;
  /** Verifies requests to us, signs our responses (RFC 8445 §7.1, short-term credentials). */
  readonly key: HmacKey;
  /** What USERNAME of a request to us starts with: our fragment and a colon. */
  readonly #prefix: Uint8Array;

  constructor(crypto: IceCrypto, parameters: IceParameters) {
    check(parameters);
    this.parameters = parameters;
    this.key = crypto.createHmac("sha-1", utf8Encode(parameters.password));
    this.#prefix = utf8Encode(`${parameters.usernameFragment}:`);
  }

  /** Whether a request with this USERNAME is addressed to us. */
  matches(username: Uint8Array): boolean {
    const prefix = this.#prefix;
    return username.length > prefix.length &&
      equalBytes(username.subarray(0, prefix.length), prefix);
  }

  /** The peer's fragment in a USERNAME that {@linkcode LocalCredentials.matches}. */
  peerFragment(username: Uint8Array): Uint8Array {
    return username.subarray(this.#prefix.length);
  }
}

/** The peer's parameters with what checks need of them, prepared once. */
export class RemoteCredentials {
  /** As signaled. */
  readonly parameters: IceParameters;
  /** Signs our requests, verifies responses. */
  readonly key: HmacKey;
  /** USERNAME of our requests: the peer's fragment, a colon, our fragment (RFC 8445 §7.2.2). */
  readonly username: Uint8Array;
  /** The peer's fragment as requests to us end with it. */
  readonly fragment: Uint8Array;

  constructor(crypto: IceCrypto, parameters: IceParameters, local: IceParameters) {
    check(parameters);
    this.parameters = parameters;
    this.key = crypto.createHmac("sha-1", utf8Encode(parameters.password));
    this.fragment = utf8Encode(parameters.usernameFragment);
    this.username = utf8Encode(`${parameters.usernameFragment}:${local.usernameFragment}`);
    if (this.username.length > MAX_USERNAME_LENGTH) {
      throw new IceError("invalid-parameters", "Both username fragments are too long together");
    }
  }
}
