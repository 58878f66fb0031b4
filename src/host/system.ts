/** What Deno, Bun and Node share: clocks, timers, randomness, addresses. */
import type { Address, Entropy } from "../base/mod.ts";
import type { CryptoProvider } from "../crypto/mod.ts";
import type { SrtpCipherProvider } from "../srtp/mod.ts";
import type {
  Host,
  LocalInterface,
  TimerHandle,
  UdpFailed,
  UdpOpenOptions,
  UdpReceive,
  UdpSocket,
} from "./host.ts";
import { localDatagramSize, systemInterfaces } from "./interfaces.ts";
import { MdnsResolver } from "./mdns_resolver.ts";
import { openMdnsSockets } from "./mdns_socket.ts";
import { selectSrtp } from "./srtp_policy.ts";
import { cryptoFallback } from "./wasm_refusal.ts";

/** Timers count in 32 signed bits; a longer wait is cut into spurious time-outs, which are harmless. */
const MAX_TIMER_MS = 0x7fff_ffff;

/** How a runtime opens a socket. */
export type OpenUdp = (
  options: UdpOpenOptions,
  receive: UdpReceive,
  failed: UdpFailed,
) => Promise<UdpSocket>;

/** crypto.getRandomValues fills at most 65,536 bytes at once (W3C WebCrypto §10.1.1). */
const MAX_RANDOM_BYTES = 65_536;

/** The system's secure randomness. */
export const systemEntropy: Entropy = (out) => {
  for (let at = 0; at < out.length; at += MAX_RANDOM_BYTES) {
    crypto.getRandomValues(out.subarray(at, at + MAX_RANDOM_BYTES) as Uint8Array<ArrayBuffer>);
  }
};

/** A real machine. */
export class SystemHost implements Host {
  readonly name: "deno" | "bun" | "node";
  readonly crypto: CryptoProvider;
  readonly srtp: SrtpCipherProvider = selectSrtp();
  readonly cryptoFallback: string | undefined = cryptoFallback();
  readonly entropy: Entropy = systemEntropy;
  readonly openUdp: OpenUdp;
  readonly #mdns: MdnsResolver;
  /** Addresses of this machine, as of the last look; looked up again at every gathering. */
  #interfaces: readonly LocalInterface[] | undefined;

  constructor(name: "deno" | "bun" | "node", crypto: CryptoProvider, openUdp: OpenUdp) {
    this.name = name;
    this.crypto = crypto;
    this.openUdp = openUdp;
    this.#mdns = new MdnsResolver({
      openSockets: (receive) => openMdnsSockets(systemInterfaces(), receive),
      setTimer: (callback, delayMs) => this.setTimer(callback, delayMs),
      clearTimer: (handle) => this.clearTimer(handle),
    });
  }

  now(): number {
    return performance.now();
  }

  wallClock(): number {
    return Date.now();
  }

  setTimer(callback: () => void, delayMs: number): TimerHandle {
    return setTimeout(callback, Math.min(delayMs, MAX_TIMER_MS));
  }

  clearTimer(handle: TimerHandle): void {
    clearTimeout(handle as ReturnType<typeof setTimeout>);
  }

  interfaces(): readonly LocalInterface[] {
    return this.#interfaces = systemInterfaces();
  }

  resolveMdns(name: string, signal?: AbortSignal): Promise<string | undefined> {
    return this.#mdns.resolve(name, signal);
  }

  maxDatagramSize(local: Address, remote: Address): number | undefined {
    return localDatagramSize(this.#interfaces ?? this.interfaces(), local, remote);
  }
}
