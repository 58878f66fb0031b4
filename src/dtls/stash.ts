/** Records kept at most. */
const MAX_RECORDS = 16;

/** Their bytes at most. */
const MAX_BYTES = 24 * 1024;

/**
 * Protected records that came before their time: a Finished that overtook the message with the key,
 * application data that overtook the Finished. They are not authenticated yet, so there are few of
 * them, and what does not fit is lost, as on any network.
 */
export class Stash {
  #records: Uint8Array[] = [];
  #bytes = 0;

  /** Keeps a copy of one record. Returns `false` when there is no room. */
  push(record: Uint8Array): boolean {
    if (this.#records.length >= MAX_RECORDS || this.#bytes + record.length > MAX_BYTES) {
      return false;
    }
    this.#records.push(record.slice());
    this.#bytes += record.length;
    return true;
  }

  /** Takes all records out. */
  takeAll(): Uint8Array[] {
    const records = this.#records;
    this.#records = [];
    this.#bytes = 0;
    return records;
  }
}
