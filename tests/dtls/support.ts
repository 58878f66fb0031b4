/**
 * Two connections on a virtual link, identities of both key types, and access to what flies between.
 *
 * @module
 */
import * as nodeCrypto from "node:crypto";
import { type Entropy, NEVER, seededEntropy } from "../../src/base/mod.ts";
import {
  type Certificate,
  createCertificate,
  type CryptoProvider,
  type SignatureScheme,
  type SigningKey,
  tsCrypto,
} from "../../src/crypto/mod.ts";
import { DtlsConnection, type DtlsEvent } from "../../src/dtls/mod.ts";
import type { DtlsOptions } from "../../src/dtls/options.ts";
import { type LinkConditions, VirtualLink } from "../../src/host/virtual_link.ts";

/** A fixed Unix time: tests do not look at the clock. */
export const NOW_MS: number = Date.UTC(2026, 0, 1);

/** RSA keys come from the runtime: the pure-TypeScript provider verifies RSA but makes no keys. */
function rsaKey(): SigningKey {
  const { privateKey, publicKey } = nodeCrypto.generateKeyPairSync("rsa", { modulusLength: 2048 });
  const spki = publicKey.export({ type: "spki", format: "der" });
  return {
    algorithm: "rsa-2048",
    publicKeyInfo: new Uint8Array(spki),
    sign(scheme: SignatureScheme, data: Uint8Array): Uint8Array {
      const hash = scheme.endsWith("sha512")
        ? "sha512"
        : scheme.endsWith("sha384")
        ? "sha384"
        : "sha256";
      const pss = scheme.startsWith("rsa_pss");
      return new Uint8Array(nodeCrypto.sign(hash, data, {
        key: privateKey,
        padding: pss
          ? nodeCrypto.constants.RSA_PKCS1_PSS_PADDING
          : nodeCrypto.constants.RSA_PKCS1_PADDING,
        ...(pss ? { saltLength: nodeCrypto.constants.RSA_PSS_SALTLEN_DIGEST } : {}),
      }));
    },
    exportPkcs8(): Uint8Array {
      return new Uint8Array(privateKey.export({ type: "pkcs8", format: "der" }));
    },
  };
}

/** `tsCrypto` with RSA keys. */
export const testCrypto: CryptoProvider = {
  ...tsCrypto,
  generateSigningKey: (algorithm, entropy) =>
    algorithm === "rsa-2048" ? rsaKey() : tsCrypto.generateSigningKey(algorithm, entropy),
};

function identity(algorithm: "ecdsa-p256" | "rsa-2048", seed: number): Certificate {
  const entropy = seededEntropy(seed);
  return createCertificate({ crypto: testCrypto, entropy, nowMs: NOW_MS, algorithm });
}

const identities = new Map<string, Certificate>();

/** A certificate, made once per kind and name. */
export function certificate(kind: "ecdsa-p256" | "rsa-2048", name: string): Certificate {
  const key = `${kind} ${name}`;
  let known = identities.get(key);
  if (known === undefined) {
    known = identity(kind, [...name].reduce((sum, c) => 31 * sum + c.charCodeAt(0), 7));
    identities.set(key, known);
  }
  return known;
}

/** What signaling would carry. */
export function fingerprints(of: Certificate): { algorithm: string; value: string }[] {
  return [{ algorithm: "sha-256", value: of.fingerprint("sha-256") }];
}

/** Options that differ from the default pair. */
export interface PairOptions {
  readonly seed?: number;
  readonly client?: Partial<DtlsOptions>;
  readonly server?: Partial<DtlsOptions>;
  readonly link?: LinkConditions;
}

/** Something that watches or changes datagrams on their way; `undefined` swallows one. */
export type Tap = (datagram: Uint8Array, from: "client" | "server") => Uint8Array | undefined;

/** A client and a server, a link in each direction, and one virtual clock. */
export class Pair {
  readonly client: DtlsConnection;
  readonly server: DtlsConnection;
  readonly entropy: Entropy;
  readonly events: { client: DtlsEvent[]; server: DtlsEvent[] } = { client: [], server: [] };
  readonly received: { client: Uint8Array[]; server: Uint8Array[] } = { client: [], server: [] };
  now = 0;
  tap: Tap = (datagram) => datagram;
  readonly #up: VirtualLink;
  readonly #down: VirtualLink;

  constructor(options: PairOptions = {}) {
    const seed = options.seed ?? 1;
    this.entropy = seededEntropy(seed);
    const ours = options.client?.certificate ?? certificate("ecdsa-p256", "client");
    const theirs = options.server?.certificate ?? certificate("ecdsa-p256", "server");
    this.client = new DtlsConnection({
      crypto: testCrypto,
      entropy: seededEntropy(seed + 1),
      role: "client",
      certificate: ours,
      remoteFingerprints: fingerprints(theirs),
      ...options.client,
    });
    this.server = new DtlsConnection({
      crypto: testCrypto,
      entropy: seededEntropy(seed + 2),
      role: "server",
      certificate: theirs,
      remoteFingerprints: fingerprints(ours),
      ...options.server,
    });
    this.#up = new VirtualLink(seed + 3, options.link);
    this.#down = new VirtualLink(seed + 4, options.link);
  }

  setConditions(conditions: LinkConditions): void {
    this.#up.setConditions(conditions);
    this.#down.setConditions(conditions);
  }

  start(): this {
    this.server.start(this.now);
    this.client.start(this.now);
    return this;
  }

  /** Runs until nothing is left to do before `untilMs`, or `done` says so. */
  run(untilMs = 600_000, done: () => boolean = () => false): this {
    for (let step = 0; step < 1_000_000; step++) {
      this.#drain();
      if (done()) return this;
      const next = Math.min(
        this.#up.next(),
        this.#down.next(),
        this.client.pollTimeout(),
        this.server.pollTimeout(),
      );
      if (next === NEVER || next > untilMs) return this;
      this.now = Math.max(this.now, next);
      this.#receive(this.#up, this.server, "server");
      this.#receive(this.#down, this.client, "client");
      this.client.handleTimeout(this.now);
      this.server.handleTimeout(this.now);
    }
    throw new Error("no end in sight");
  }

  /** Starts, and runs until both are connected. */
  connect(): this {
    return this.start().run(
      undefined,
      () => this.client.state === "connected" && this.server.state === "connected",
    );
  }

  /** Sends texts from one side as one batch. */
  send(from: "client" | "server", ...texts: readonly Uint8Array[]): void {
    for (const datagram of seal(this[from], texts)) this.transmit(from, datagram);
  }

  transmit(from: "client" | "server", datagram: Uint8Array): void {
    const tapped = this.tap(datagram, from);
    if (tapped !== undefined) {
      (from === "client" ? this.#up : this.#down).send(this.now, tapped, undefined);
    }
  }

  #drain(): void {
    for (const side of ["client", "server"] as const) {
      const from = this[side];
      for (let d = from.pollTransmit(); d !== undefined; d = from.pollTransmit()) {
        this.transmit(side, d);
      }
      for (let e = from.pollEvent(); e !== undefined; e = from.pollEvent()) {
        this.events[side].push(e);
      }
    }
  }

  #receive(link: VirtualLink, to: DtlsConnection, name: "client" | "server"): void {
    for (let p = link.receive(this.now); p !== undefined; p = link.receive(this.now)) {
      to.handleInput(this.now, p.bytes);
    }
    to.flushInput(this.now);
    for (let t = to.nextPlaintext(); t !== undefined; t = to.nextPlaintext()) {
      this.received[name].push(t.slice());
    }
  }
}

/** Seals texts, in as many batches as it takes, and returns copies of the datagrams. */
export function seal(from: DtlsConnection, texts: readonly Uint8Array[]): Uint8Array[] {
  const out: Uint8Array[] = [];
  let i = 0;
  while (i < texts.length) {
    from.openSendBatch();
    const start = i;
    for (; i < texts.length; i++) {
      const at = from.beginRecord(texts[i]!.length);
      if (at < 0) break;
      from.sendBuffer.set(texts[i]!, at);
      from.commitRecord(texts[i]!.length);
    }
    from.sealSendBatch();
    for (let d = from.nextSealed(); d !== undefined; d = from.nextSealed()) out.push(d.slice());
    if (i === start) break;
  }
  return out;
}
