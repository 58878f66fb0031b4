/**
 * DTLS against OpenSSL's `s_server` and `s_client` over loopback, in both roles. Skipped where there
 * is no `openssl` command.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createHash, randomFillSync } from "node:crypto";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hexEncode, utf8Decode, utf8Encode } from "../../src/base/mod.ts";
import { createCertificate } from "../../src/crypto/mod.ts";
import { DtlsConnection, type DtlsEvent, type DtlsRole } from "../../src/dtls/mod.ts";
import { seal, testCrypto } from "../dtls/support.ts";
import { test } from "../harness.ts";

const entropy = (out: Uint8Array): void => void randomFillSync(out);
const LABEL = "EXTRACTOR-dtls_srtp";

/** Why the tests are skipped, or `undefined`. */
const missing = ((): string | undefined => {
  try {
    execFileSync("openssl", ["version"], { stdio: "pipe" });
    return undefined;
  } catch {
    return "no openssl command";
  }
})();

interface Setup {
  readonly ours: "ecdsa-p256" | "rsa-2048";
  readonly theirs: "ec:prime256v1" | "ec:secp384r1" | "rsa";
  readonly cipher?: string;
  readonly extra?: readonly string[];
}

/** A key and a self-signed certificate made by OpenSSL, in a folder of their own. */
class OpensslIdentity {
  readonly folder: string = mkdtempSync(join(tmpdir(), "dtls-interop-"));
  readonly certificate: string = join(this.folder, "cert.pem");
  readonly key: string = join(this.folder, "key.pem");
  readonly fingerprint: string;

  constructor(kind: Setup["theirs"]) {
    const newKey = kind === "rsa"
      ? ["-newkey", "rsa:2048"]
      : ["-newkey", "ec", "-pkeyopt", `ec_paramgen_curve:${kind.slice(3)}`];
    execFileSync("openssl", [
      ...["req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=interop", ...newKey],
      ...["-keyout", this.key, "-out", this.certificate],
    ], { stdio: "pipe" });
    const pem = readFileSync(this.certificate, "utf8").replace(/-----[^-]+-----/g, "");
    const der = Uint8Array.from(atob(pem.replace(/\s/g, "")), (c) => c.charCodeAt(0));
    this.fingerprint = hexEncode(new Uint8Array(createHash("sha256").update(der).digest()), ":");
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}

/** A connection of ours on a UDP socket. */
class Endpoint {
  readonly dtls: DtlsConnection;
  readonly events: DtlsEvent[] = [];
  received = "";
  #remotePort = 0;
  readonly #socket: Socket;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #wake: (() => void) | undefined;

  constructor(socket: Socket, role: DtlsRole, setup: Setup, identity: OpensslIdentity) {
    this.#socket = socket;
    this.dtls = new DtlsConnection({
      crypto: testCrypto,
      entropy,
      role,
      certificate: createCertificate({
        crypto: testCrypto,
        entropy,
        nowMs: Date.now(),
        algorithm: setup.ours,
      }),
      remoteFingerprints: [{ algorithm: "sha-256", value: identity.fingerprint }],
      srtpProfiles: ["SRTP_AES128_CM_HMAC_SHA1_80"],
    });
    socket.on("message", (bytes, from) => {
      this.#remotePort = from.port;
      this.dtls.handleInput(performance.now(), new Uint8Array(bytes));
      this.dtls.flushInput(performance.now());
      for (let t = this.dtls.nextPlaintext(); t; t = this.dtls.nextPlaintext()) {
        this.received += utf8Decode(t);
      }
      this.drain();
    });
  }

  start(remotePort: number): void {
    this.#remotePort = remotePort;
    this.dtls.start(performance.now());
    this.drain();
  }

  send(text: string): void {
    for (const datagram of seal(this.dtls, [utf8Encode(text)])) {
      this.#socket.send(datagram, this.#remotePort, "127.0.0.1");
    }
  }

  drain(): void {
    for (let d = this.dtls.pollTransmit(); d; d = this.dtls.pollTransmit()) {
      if (this.#remotePort !== 0) this.#socket.send(d, this.#remotePort, "127.0.0.1");
    }
    for (let e = this.dtls.pollEvent(); e; e = this.dtls.pollEvent()) this.events.push(e);
    clearTimeout(this.#timer);
    const due = this.dtls.pollTimeout();
    if (due !== Infinity) {
      this.#timer = setTimeout(() => {
        this.dtls.handleTimeout(performance.now());
        this.drain();
      }, Math.max(0, due - performance.now()));
    }
    this.#wake?.();
  }

  /** Resolves as soon as `condition` holds. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      if (this.dtls.state === "failed") throw new Error(JSON.stringify(this.events));
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  async close(): Promise<void> {
    this.dtls.close(performance.now());
    this.drain();
    clearTimeout(this.#timer);
    await new Promise<void>((resolve) => this.#socket.close(() => resolve()));
  }
}

/** Output of a child process, and waiting for it. */
class Output {
  text = "";
  #wake: (() => void) | undefined;

  constructor(child: ChildProcess) {
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.on("data", (chunk: Uint8Array) => {
        this.text += utf8Decode(new Uint8Array(chunk));
        this.#wake?.();
      });
    }
    child.on("exit", () => {
      this.text += "\n[exit]";
      this.#wake?.();
    });
  }

  async until(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.text);
      if (match !== null) return match;
      if (this.text.endsWith("[exit]")) throw new Error(`openssl ended:\n${this.text}`);
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }
}

async function openSocket(): Promise<Socket> {
  const socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return socket;
}

async function freePort(): Promise<number> {
  const socket = await openSocket();
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}

/** Connects to OpenSSL in `role`, exchanges a line each way, compares exporters, closes. */
async function converse(
  role: DtlsRole,
  setup: Setup,
): Promise<{ endpoint: Endpoint; log: string }> {
  const identity = new OpensslIdentity(setup.theirs);
  const socket = await openSocket();
  const endpoint = new Endpoint(socket, role, setup, identity);
  const port = role === "client" ? await freePort() : socket.address().port;
  const common = ["-dtls1_2", "-cert", identity.certificate, "-key", identity.key];
  const srtp = ["-use_srtp", "SRTP_AES128_CM_SHA1_80", "-keymatexport", LABEL];
  const cipher = setup.cipher === undefined ? [] : ["-cipher", setup.cipher];
  const way = role === "client"
    ? ["s_server", "-accept", `127.0.0.1:${port}`, "-Verify", "1"]
    : ["s_client", "-connect", `127.0.0.1:${port}`];
  const child = spawn("openssl", [
    ...[...way, ...common, ...srtp, "-keymatexportlen", "60", ...cipher],
    ...(setup.extra ?? []),
  ]);
  const output = new Output(child);
  const exited = once(child, "close");
  try {
    if (role === "client") {
      await output.until(/ACCEPT/);
      endpoint.start(port);
    }
    await endpoint.until(() => endpoint.dtls.state === "connected");
    const [, exported] = await output.until(/Keying material: ([0-9A-F]{120})/);
    assert.equal(exported, hexEncode(endpoint.dtls.exportKeyingMaterial(LABEL, 60)).toUpperCase());
    endpoint.send("hello from sterna\n");
    await output.until(/hello from sterna/);
    child.stdin.write("hello from openssl\n");
    await endpoint.until(() => endpoint.received.includes("hello from openssl"));
    return { endpoint, log: output.text };
  } finally {
    await endpoint.close();
    child.stdin.end();
    child.kill();
    await exited;
    identity.remove();
  }
}

const SETUPS: readonly Setup[] = [
  { ours: "ecdsa-p256", theirs: "ec:prime256v1", cipher: "ECDHE-ECDSA-AES128-GCM-SHA256" },
  { ours: "ecdsa-p256", theirs: "ec:secp384r1", cipher: "ECDHE-ECDSA-AES256-GCM-SHA384" },
  { ours: "rsa-2048", theirs: "rsa", cipher: "ECDHE-RSA-CHACHA20-POLY1305" },
  { ours: "ecdsa-p256", theirs: "rsa", extra: ["-groups", "P-256"] },
  { ours: "rsa-2048", theirs: "ec:prime256v1", extra: ["-groups", "X25519"] },
  { ours: "ecdsa-p256", theirs: "rsa", extra: ["-mtu", "300"] },
];

for (const setup of SETUPS) {
  const { ours, theirs, cipher, extra = [] } = setup;
  const what = `${ours} with ${theirs} ${cipher ?? extra.join(" ")}`;
  for (const role of ["client", "server"] as const) {
    // RFC 8422 §5.1.1: OpenSSL's server shows no P-384 certificate to a client that does not offer
    // P-384 for key agreement as well; as a client it may.
    if (role === "client" && theirs === "ec:secp384r1") continue;
    test(`DtlsConnection as ${role} talks to OpenSSL: ${what} (RFC 6347)`, async () => {
      const { endpoint } = await converse(role, setup);
      assert.equal(endpoint.dtls.state, "closed");
    }, { skip: missing });
  }
}

test(
  "DtlsConnection as client answers OpenSSL's HelloVerifyRequest (RFC 6347 §4.2.1)",
  async () => {
    const { endpoint } = await converse("client", {
      ours: "ecdsa-p256",
      theirs: "ec:prime256v1",
      extra: ["-listen"],
    });
    assert.equal(endpoint.dtls.stats().flightsSent, 3);
  },
  { skip: missing },
);
