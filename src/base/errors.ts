/**
 * The base of every layer's error class. `code` is a literal that programs can switch on; the
 * message tells a person what happened and what to do.
 */
export class SternaError<Code extends string> extends Error {
  /** What happened, for programs. */
  readonly code: Code;

  /**
   * An error with its code.
   *
   * @param code a literal of the layer's own list
   */
  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}
