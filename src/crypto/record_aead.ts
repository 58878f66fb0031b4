import {
  AEAD_AAD_AT,
  AEAD_AAD_LENGTH,
  AEAD_COLUMNS,
  AEAD_NONCE_AT,
  AEAD_OK,
  AEAD_TEXT_AT,
  AEAD_TEXT_LENGTH,
  type AeadBatch,
  type AeadKey,
} from "./aead.ts";

/** A prepared key of an AEAD that takes one record at a time: walks the rows of each batch. */
export abstract class RecordAeadKey implements AeadKey {
  /** Seals the rows one by one. */
  seal(batch: AeadBatch): void {
    const { bytes, rows } = batch;
    for (let i = 0; i < batch.count; i++) {
      const row = i * AEAD_COLUMNS;
      const aadAt = rows[row + AEAD_AAD_AT]!, textAt = rows[row + AEAD_TEXT_AT]!;
      const aadEnd = aadAt + rows[row + AEAD_AAD_LENGTH]!;
      const textEnd = textAt + rows[row + AEAD_TEXT_LENGTH]!;
      this.sealRecord(bytes, rows[row + AEAD_NONCE_AT]!, aadAt, aadEnd, textAt, textEnd);
    }
  }

  /** Opens the rows one by one, notes each verdict, and zeroes what was refused. */
  open(batch: AeadBatch): void {
    const { bytes, rows } = batch;
    for (let i = 0; i < batch.count; i++) {
      const row = i * AEAD_COLUMNS;
      const nonceAt = rows[row + AEAD_NONCE_AT]!;
      const aadAt = rows[row + AEAD_AAD_AT]!, textAt = rows[row + AEAD_TEXT_AT]!;
      const aadEnd = aadAt + rows[row + AEAD_AAD_LENGTH]!;
      const textEnd = textAt + rows[row + AEAD_TEXT_LENGTH]!;
      const ok = this.openRecord(bytes, nonceAt, aadAt, aadEnd, textAt, textEnd);
      if (!ok) bytes.fill(0, textAt, textEnd);
      rows[row + AEAD_OK] = ok ? 1 : 0;
    }
  }

  /** Forgets the key. */
  abstract dispose(): void;

  /** Encrypts the text in place and writes its tag at `textEnd`. */
  protected abstract sealRecord(
    bytes: Uint8Array,
    nonceAt: number,
    aadAt: number,
    aadEnd: number,
    textAt: number,
    textEnd: number,
  ): void;

  /**
   * Checks the tag at `textEnd`. When it is right, decrypts the text in place and returns `true`;
   * otherwise `false`, with no plaintext left anywhere but in the text itself, which `open` zeroes.
   */
  protected abstract openRecord(
    bytes: Uint8Array,
    nonceAt: number,
    aadAt: number,
    aadEnd: number,
    textAt: number,
    textEnd: number,
  ): boolean;
}
