import { hexDecode, hexEncode } from "../../../src/base/mod.ts";
import type { SrtpProfile } from "../../../src/srtp/mod.ts";
import { Child } from "./child.ts";

/** The numbers of RFC 5764 §4.1.2 and RFC 7714 §14.2, by which programs know the profiles. */
const PROFILE_NUMBERS: Readonly<Record<SrtpProfile, number>> = {
  SRTP_AES128_CM_HMAC_SHA1_80: 1,
  SRTP_AES128_CM_HMAC_SHA1_32: 2,
  SRTP_AEAD_AES_128_GCM: 7,
  SRTP_AEAD_AES_256_GCM: 8,
};

/** Why a stack refuses a packet. */
export type Refusal = "authentication" | "replay" | "other";

/** What a stack made of a packet. */
export type Verdict = Uint8Array | Refusal;

/** What a stack does with packets. */
export type Verb = "protect" | "unprotect" | "protect_rtcp" | "unprotect_rtcp";

/** A session of a foreign stack in one direction. */
export class ForeignSession {
  readonly #peer: SrtpProgram;
  readonly #id: number;

  constructor(peer: SrtpProgram, id: number) {
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

  /** As `apply`, for packets that it must not refuse. */
  async mustApply(verb: Verb, packets: readonly Uint8Array[]): Promise<Uint8Array[]> {
    return (await this.apply(verb, packets)).map((verdict, index) => {
      if (typeof verdict !== "string") return verdict;
      throw new Error(`${verb} of packet ${index}: refused, ${verdict}`);
    });
  }

  async close(): Promise<void> {
    await this.#peer.ask(`close ${this.#id}`);
  }
}

function readVerdict(answer: string): Verdict {
  if (answer.startsWith("ok ")) return hexDecode(answer.slice(3))!;
  const refusal = /^refused (authentication|replay|other)$/.exec(answer)?.[1];
  if (refusal === undefined) throw new Error(`not an answer: ${answer}`);
  return refusal as Refusal;
}

/** Key and salt, and what they are for. */
export interface ForeignOptions {
  readonly way: "send" | "receive";
  readonly profile: SrtpProfile;
  readonly masterKey: Uint8Array;
  readonly masterSalt: Uint8Array;
  /** Whether RTCP is authenticated only (RFC 3711 §3.4: the E flag is 0). */
  readonly clearRtcp?: boolean;
  /** Whether CSRCs and header extensions are encrypted (RFC 9335). */
  readonly cryptex?: boolean;
}

/**
 * A stack in a process of its own, which reads a command a line and answers in order;
 * `libsrtp_peer.c` says what commands there are.
 */
export class SrtpProgram {
  readonly #child: Child;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #waiting: PromiseWithResolvers<string>[] = [];
  #answered = 0;
  #sessions = 0;

  /** Starts the program at a path. */
  constructor(command: string) {
    this.#child = new Child({ command, args: [], stdin: true }, (line) => {
      this.#waiting[this.#answered++]?.resolve(line);
    });
    this.#writer = this.#child.process.stdin.getWriter();
    void this.#child.ended.then(({ code }) => {
      for (const { reject } of this.#waiting.slice(this.#answered)) {
        reject(new Error(`${command} ended with code ${code}\n${this.#child.log}`));
      }
    });
  }

  /** Sends one command and answers its answer. */
  ask(line: string): Promise<string> {
    const waiting = Promise.withResolvers<string>();
    this.#waiting.push(waiting);
    this.#writer.write(new TextEncoder().encode(line + "\n")).catch(() => {});
    return waiting.promise;
  }

  /** Makes a session. */
  async open(options: ForeignOptions): Promise<ForeignSession> {
    const { way, profile, masterKey, masterSalt, clearRtcp = false, cryptex = false } = options;
    const id = this.#sessions++;
    const key = hexEncode(masterKey) + hexEncode(masterSalt);
    const flag = (clearRtcp ? " clear_rtcp" : "") + (cryptex ? " cryptex" : "");
    const answer = await this.ask(`open ${id} ${way} ${PROFILE_NUMBERS[profile]} ${key}${flag}`);
    if (answer !== "ok") throw new Error(`${profile}: ${answer}`);
    return new ForeignSession(this, id);
  }

  /** Ends the process. */
  async close(): Promise<void> {
    await this.#writer.close().catch(() => {});
    if (!await this.#child.leave()) throw new Error("the program did not end by itself");
  }
}
