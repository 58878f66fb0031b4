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

/** Where one record of a batch lies. One object is filled again and again: no garbage per record. */
export class AeadRecord {
  /** Where the nonce begins. */
  nonceAt = 0;
  /** Where the additional authenticated data begins. */
  aadAt = 0;
  /** Where it ends. */
  aadEnd = 0;
  /** Where the text begins. */
  textAt = 0;
  /** Where the text ends and its tag begins. */
  textEnd = 0;

  /** Reads the row that begins at `row`. */
  fill(rows: Uint32Array, row: number): void {
    this.nonceAt = rows[row + AEAD_NONCE_AT]!;
    this.aadAt = rows[row + AEAD_AAD_AT]!;
    this.aadEnd = this.aadAt + rows[row + AEAD_AAD_LENGTH]!;
    this.textAt = rows[row + AEAD_TEXT_AT]!;
    this.textEnd = this.textAt + rows[row + AEAD_TEXT_LENGTH]!;
  }
}

/** A prepared key of an AEAD that takes one record at a time: walks the rows of each batch. */
export abstract class RecordAeadKey implements AeadKey {
  readonly #record: AeadRecord = new AeadRecord();

  /** Seals the rows one by one. */
  seal(batch: AeadBatch): void {
    const { bytes, rows } = batch;
    const record = this.#record;
    for (let i = 0; i < batch.count; i++) {
      record.fill(rows, i * AEAD_COLUMNS);
      this.sealRecord(bytes, record);
    }
  }

  /** Opens the rows one by one, notes each verdict, and zeroes what was refused. */
  open(batch: AeadBatch): void {
    const { bytes, rows } = batch;
    const record = this.#record;
    for (let i = 0; i < batch.count; i++) {
      const row = i * AEAD_COLUMNS;
      record.fill(rows, row);
      const ok = this.openRecord(bytes, record);
      if (!ok) bytes.fill(0, record.textAt, record.textEnd);
      rows[row + AEAD_OK] = ok ? 1 : 0;
    }
  }

  /** Forgets the key. */
  abstract dispose(): void;

  /** Encrypts the text in place and writes its tag behind it. */
  protected abstract sealRecord(bytes: Uint8Array, record: AeadRecord): void;

  /**
   * Checks the tag behind the text. When it is right, decrypts the text in place and returns `true`;
   * otherwise `false`, with no plaintext left anywhere but in the text itself, which `open` zeroes.
   */
  protected abstract openRecord(bytes: Uint8Array, record: AeadRecord): boolean;
}
