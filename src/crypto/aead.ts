/**
 * Authenticated encryption in batches: one call seals or opens many records in place, so that a
 * provider can work on several at once (SIMD lanes, one crossing into WebAssembly).
 */

/** AEADs with 12-byte nonces and 16-byte tags (RFC 5116, RFC 8439). */
export type AeadAlgorithm = "aes-128-gcm" | "aes-256-gcm" | "chacha20-poly1305";

/** Length of the tag behind each text, bytes. */
export const AEAD_TAG_BYTES = 16;

/** Length of each nonce, bytes. */
export const AEAD_NONCE_BYTES = 12;

/** Length of the key of each AEAD, bytes. */
export const AEAD_KEY_BYTES: Readonly<Record<AeadAlgorithm, number>> = {
  "aes-128-gcm": 16,
  "aes-256-gcm": 32,
  "chacha20-poly1305": 32,
};

/** Columns of one row of an {@linkcode AeadBatch}: offsets into its bytes, lengths, and the outcome. */
export const AEAD_NONCE_AT = 0;
/** Column: offset of the additional authenticated data. */
export const AEAD_AAD_AT = 1;
/** Column: length of the additional authenticated data. */
export const AEAD_AAD_LENGTH = 2;
/** Column: offset of the text, plaintext before sealing and after opening. */
export const AEAD_TEXT_AT = 3;
/** Column: length of the text without its tag; the tag stands (or will stand) right behind it. */
export const AEAD_TEXT_LENGTH = 4;
/** Column: 1 when `open` found the tag right, else 0. */
export const AEAD_OK = 5;
/** Columns per row. */
export const AEAD_COLUMNS = 6;

/**
 * Rows for the packets that the texts of a batch turn out to be: an `open` that finds it cheaper to look
 * at a text while it is at hand fills one row per record, those of refused records included. What the
 * rows hold is up to who asked for them.
 */
export class PacketRows {
  /** The rows. */
  readonly rows: Uint32Array;
  /** Which of the rows is that of the first record of the next `open`. */
  from = 0;
  /** Whether the last `open` filled them; its caller sets it to `false` before. */
  filled = false;

  /**
   * Rows that nobody has filled yet.
   *
   * @param rows the memory
   */
  constructor(rows: Uint32Array) {
    this.rows = rows;
  }
}

/**
 * Rows over one stretch of memory. The owner lays out each record's nonce, additional data and text
 * wherever it likes in `bytes` and describes it by one row.
 */
export class AeadBatch {
  /** Where every record of the batch lies. May be a view of WebAssembly memory. */
  readonly bytes: Uint8Array;
  /** `AEAD_COLUMNS` numbers per row. */
  readonly rows: Uint32Array;
  /** Rows for the packets in the texts, where somebody asked for them and the provider makes them. */
  readonly packets: PacketRows | undefined = undefined;
  /** How many rows are filled. */
  count = 0;

  /**
   * An empty batch.
   *
   * @param bytes the memory
   * @param rows how many rows the batch can hold, or the memory for them
   */
  constructor(bytes: Uint8Array, rows: number | Uint32Array) {
    this.bytes = bytes;
    this.rows = typeof rows === "number" ? new Uint32Array(rows * AEAD_COLUMNS) : rows;
  }

  /** Adds a row; the caller has made sure that there is room. */
  push(
    nonceAt: number,
    aadAt: number,
    aadLength: number,
    textAt: number,
    textLength: number,
  ): void {
    const rows = this.rows;
    const row = this.count++ * AEAD_COLUMNS;
    rows[row + AEAD_NONCE_AT] = nonceAt;
    rows[row + AEAD_AAD_AT] = aadAt;
    rows[row + AEAD_AAD_LENGTH] = aadLength;
    rows[row + AEAD_TEXT_AT] = textAt;
    rows[row + AEAD_TEXT_LENGTH] = textLength;
    rows[row + AEAD_OK] = 0;
  }

  /** Whether `open` accepted row `index`. */
  accepted(index: number): boolean {
    return this.rows[index * AEAD_COLUMNS + AEAD_OK] === 1;
  }

  /** Gives the memory back; neither the batch nor any view of its bytes may be used afterwards. */
  release(): void {}
}

/** A batch in ordinary memory. */
export function createPlainAeadBatch(byteLength: number, maxRows: number): AeadBatch {
  return new AeadBatch(new Uint8Array(byteLength), maxRows);
}

/** A prepared key. */
export interface AeadKey {
  /** Encrypts each text in place and writes its tag behind it; needs 16 bytes of room there. */
  seal(batch: AeadBatch): void;
  /**
   * Checks each tag and decrypts each text in place. A row whose tag is wrong gets `AEAD_OK` 0 and
   * its text is zeroed: no plaintext is visible before its verdict. Never throws for bad bytes.
   */
  open(batch: AeadBatch): void;
  /** Forgets the key; the object must not be used afterwards. */
  dispose(): void;
}
