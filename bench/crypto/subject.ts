/** What is measured: something that protects the packets of a {@linkcode PacketSet}. */
export interface Subject {
  /** What the tables call it. */
  readonly name: string;
  /** Packets per call. */
  readonly batch: number;
  /** Gives the packets new sequence numbers; not timed. */
  advance(): void;
  /** Protects all packets of the set; timed. */
  protect(): void;
  /** Checks and decrypts what {@linkcode Subject.protect} made; timed. */
  unprotect(): void;
  /** The first packet as `protect` left it. */
  firstProtected(): Uint8Array;
  /** The first packet as `unprotect` left it. */
  firstUnprotected(): Uint8Array;
  /** Lets go of keys and memory. */
  dispose(): void;
}

/** A subject that gives a wrong answer has no figure. */
export class WrongAnswer extends Error {
  /** @param message what was wrong */
  constructor(message: string) {
    super(message);
    this.name = "WrongAnswer";
  }
}
