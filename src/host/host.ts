import type { Address, DatagramBatch, Entropy } from "../base/mod.ts";
import type { CryptoProvider } from "../crypto/mod.ts";
import type { SrtpCipherProvider } from "../srtp/mod.ts";

/** A timer that {@linkcode Host.setTimer} started; only {@linkcode Host.clearTimer} looks inside. */
export type TimerHandle = NonNullable<unknown>;

/** One usable IP address of this machine. */
export interface LocalInterface {
  /** Name of the network interface, `eth0`. */
  readonly name: string;
  /** Canonical text of the address, as {@linkcode internAddress} writes it. */
  readonly ip: string;
  /** 4 or 6. */
  readonly family: 4 | 6;
  /** Whether only this machine can reach it. */
  readonly loopback: boolean;
  /** Length of the network prefix, bits, where the host knows it. */
  readonly prefix?: number;
}

/** An open UDP socket. */
export interface UdpSocket {
  /** What it is bound to. */
  readonly address: Address;
  /**
   * Sends every datagram of `batch`; its bytes may be reused when the call returns. Never throws:
   * what cannot be sent is counted in `dropped`, as the network loses datagrams anyway.
   */
  send(batch: DatagramBatch): void;
  /** Closes the socket; nothing is received from here on. The promise ends when the port is free. */
  close(): void | Promise<void>;
  /** Datagrams that the operating system refused. */
  readonly dropped: number;
}

/** Where a socket is to be bound. */
export interface UdpOpenOptions {
  /** An address of {@linkcode Host.interfaces}. */
  readonly ip: string;
  /** 0, the default, lets the system choose. */
  readonly port?: number;
}

/**
 * Takes the datagrams of one turn of the event loop. The bytes and the batch are lent until the call
 * returns.
 */
export type UdpReceive = (batch: DatagramBatch) => void;

/** Hears that a socket is of no further use; it is closed already. */
export type UdpFailed = (error: Error) => void;

/** Everything that the engine asks of the machine it runs on. */
export interface Host {
  /** Which runtime this is. */
  readonly name: "deno" | "bun" | "node" | "memory";
  /** The fastest cryptography here. */
  readonly crypto: CryptoProvider;
  /** The fastest ciphers of SRTP here. */
  readonly srtp: SrtpCipherProvider;
  /** Why these are not the fastest that there are: what this runtime lacks, for statistics. */
  readonly cryptoFallback?: string | undefined;
  /** Cryptographically secure randomness; seeded in a memory host. */
  readonly entropy: Entropy;
  /** The monotonic clock, milliseconds. */
  now(): number;
  /** Unix milliseconds, for certificates and statistics. */
  wallClock(): number;
  /** Calls `callback` once, `delayMs` from now or a little later. */
  setTimer(callback: () => void, delayMs: number): TimerHandle;
  /** Stops a timer; harmless when it has fired. */
  clearTimer(handle: TimerHandle): void;
  /**
   * The addresses that host candidates may have (RFC 8445 §5.1.1.1): no link-local IPv6, nothing
   * unspecified, multicast, site-local or mapped from IPv4. Loopback is marked, for the caller to
   * leave out.
   */
  interfaces(): readonly LocalInterface[];
  /**
   * Opens a socket.
   *
   * @throws {HostError} (as a rejection) `bind` when the address or port cannot be had, `unsupported`
   */
  openUdp(options: UdpOpenOptions, receive: UdpReceive, failed: UdpFailed): Promise<UdpSocket>;
  /**
   * The address behind a name in `.local` (RFC 6762), or `undefined` when nobody answers within some
   * seconds. Never rejects.
   *
   * @param signal aborted when nobody waits for the answer any more: sockets and timers are let go of
   */
  resolveMdns(name: string, signal?: AbortSignal): Promise<string | undefined>;
  /**
   * The largest UDP payload that needs no fragmentation between two addresses, bytes, where the host
   * knows: both on this machine. Otherwise `undefined`.
   */
  maxDatagramSize(local: Address, remote: Address): number | undefined;
}
