import { hexDecode, hexEncode } from "../../../src/base/mod.ts";
import type { SrtpProfile } from "../../../src/srtp/mod.ts";
import { Child } from "./child.ts";
import { missingAfter, run, runs } from "./programs.ts";
import { cachePath } from "./scripts.ts";

const SOURCE = decodeURIComponent(new URL("libsrtp_peer.c", import.meta.url).pathname);

/** The numbers of RFC 5764 §4.1.2 and RFC 7714 §14.2, which libsrtp takes. */
const PROFILE_NUMBERS: Readonly<Record<SrtpProfile, number>> = {
  SRTP_AES128_CM_HMAC_SHA1_80: 1,
  SRTP_AES128_CM_HMAC_SHA1_32: 2,
  SRTP_AEAD_AES_128_GCM: 7,
  SRTP_AEAD_AES_256_GCM: 8,
};

let built: Promise<string> | undefined;

/** Compiles the program, once, and answers its path. */
function program(): Promise<string> {
  return built ??= compile();
}

async function compile(): Promise<string> {
  if (!await runs("cc")) throw new Error("no C compiler (Debian: gcc, libc6-dev)");
  const made = cachePath("libsrtp_peer");
  const fresh = cachePath(`.libsrtp_peer-${Deno.pid}`);
  await Deno.mkdir(cachePath(""), { recursive: true });
  try {
    await run("cc", ["-O2", "-Wall", "-Werror", "-o", fresh, SOURCE, "-lsrtp2"]);
  } catch (cause) {
    throw new Error("libsrtp2 with its headers is not here (Debian: libsrtp2-dev)", { cause });
  }
  // Another run may be starting the one before.
  await Deno.rename(fresh, made);
  return made;
}

/** Why libsrtp cannot be used here, or `undefined`. */
export async function libsrtpMissing(): Promise<string | undefined> {
  return await missingAfter(program);
}

/** What libsrtp made of a packet: its bytes, or the number of its error. */
export type Verdict = Uint8Array | number;

/** What it can do with packets. */
export type Verb = "protect" | "unprotect" | "protect_rtcp" | "unprotect_rtcp";

/** libsrtp's statuses that tests name. */
export const LIBSRTP_AUTH_FAIL = 7;
/** The index was there before. */
export const LIBSRTP_REPLAY_FAIL = 9;

/** A session of libsrtp in one direction. */
export class LibsrtpSession {
  readonly #peer: LibsrtpPeer;
  readonly #id: number;

  constructor(peer: LibsrtpPeer, id: number) {
    this.#peer = peer;
    this.#id = id;
  }

  /** Applies `verb` to packets, one after the other. */
  async apply(verb: Verb, packets: readonly Uint8Array[]): Promise<Verdict[]> {
    const answers = packets.map((packet) =>
      this.#peer.ask(`${verb} ${this.#id} ${hexEncode(packet)}`)
    );
    return (await Promise.all(answers)).map(readVerdict);
  }

  /** As `apply`, for packets that libsrtp must not refuse. */
  async mustApply(verb: Verb, packets: readonly Uint8Array[]): Promise<Uint8Array[]> {
    return (await this.apply(verb, packets)).map((verdict, index) => {
      if (typeof verdict !== "number") return verdict;
      throw new Error(`libsrtp: ${verb} of packet ${index}: status ${verdict}`);
    });
  }

  async close(): Promise<void> {
    await this.#peer.ask(`close ${this.#id}`);
  }
}

function readVerdict(answer: string): Verdict {
  if (answer.startsWith("ok ")) return hexDecode(answer.slice(3))!;
  const status = /^refused (\d+)$/.exec(answer)?.[1];
  if (status === undefined) throw new Error(`libsrtp answered: ${answer}`);
  return Number(status);
}

/** Key and salt, and what they are for. */
export interface LibsrtpOptions {
  readonly way: "send" | "receive";
  readonly profile: SrtpProfile;
  readonly masterKey: Uint8Array;
  readonly masterSalt: Uint8Array;
  /** Whether RTCP is authenticated only (RFC 3711 §3.4: the E flag is 0). */
  readonly clearRtcp?: boolean;
}

/** libsrtp in a process of its own, which answers in order. */
export class LibsrtpPeer {
  readonly #child: Child;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #waiting: PromiseWithResolvers<string>[] = [];
  #answered = 0;
  #sessions = 0;

  private constructor(command: string) {
    this.#child = new Child({ command, args: [], stdin: true }, (line) => {
      this.#waiting[this.#answered++]?.resolve(line);
    });
    this.#writer = this.#child.process.stdin.getWriter();
    void this.#child.ended.then(({ code }) => {
      for (const { reject } of this.#waiting.slice(this.#answered)) {
        reject(new Error(`libsrtp ended with code ${code}\n${this.#child.log}`));
      }
    });
  }

  static async start(): Promise<LibsrtpPeer> {
    return new LibsrtpPeer(await program());
  }

  /** Sends one command and answers its answer. */
  ask(line: string): Promise<string> {
    const waiting = Promise.withResolvers<string>();
    this.#waiting.push(waiting);
    this.#writer.write(new TextEncoder().encode(line + "\n")).catch(() => {});
    return waiting.promise;
  }

  /** Which libsrtp this is. */
  async version(): Promise<string> {
    return (await this.ask("version")).slice(3);
  }

  /** Makes a session. */
  async open(options: LibsrtpOptions): Promise<LibsrtpSession> {
    const { way, profile, masterKey, masterSalt, clearRtcp = false } = options;
    const id = this.#sessions++;
    const key = hexEncode(masterKey) + hexEncode(masterSalt);
    const flag = clearRtcp ? " clear_rtcp" : "";
    const answer = await this.ask(`open ${id} ${way} ${PROFILE_NUMBERS[profile]} ${key}${flag}`);
    if (answer !== "ok") throw new Error(`libsrtp: ${profile}: ${answer}`);
    return new LibsrtpSession(this, id);
  }

  /** Ends the process. */
  async close(): Promise<void> {
    await this.#writer.close().catch(() => {});
    if (!await this.#child.leave()) throw new Error("libsrtp did not end by itself");
  }
}
