/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { formatBytes, formatDuration } from "../shared/format.ts";
import {
  type FileSink,
  type FileSource,
  isOver,
  MAX_HASHED_BYTES,
  sha256Hex,
  type Transfer,
} from "../shared/transfer.ts";
import type { FileInfo } from "../shared/types.ts";
import { find, make, makeButton, setText } from "./dom.ts";

/** Chunks are gathered into blobs of this size, which the browser may keep on disk. */
const BLOB_BYTES = 16 * 1024 * 1024;
/** Transfers that are over and still shown. */
const MAX_OVER = 5;

/** What a peer offers. */
export interface PeerFiles {
  readonly name: string;
  readonly files: readonly FileInfo[];
  get(file: FileInfo, sink: FileSink): Transfer;
}

/** The files panel. */
export class Files {
  /** What this page offers. */
  readonly offered: FileSource[] = [];
  readonly #onOfferChange: () => void;
  readonly #transfers = new Map<Transfer, { row: TransferRow; blob: BlobSink | undefined }>();
  readonly #dirty = new Set<Transfer>();
  #peers: readonly PeerFiles[] = [];
  #nextId = 1;

  /** @param onOfferChange the peers want to know what is offered now */
  constructor(onOfferChange: () => void) {
    this.#onOfferChange = onOfferChange;
    const chooser = find<HTMLInputElement>("#chooser");
    find("#choose").addEventListener("click", () => chooser.click());
    chooser.addEventListener("change", () => {
      this.add(chooser.files ?? []);
      chooser.value = "";
    });
    this.#acceptDrops(find("#files"), find("#drop"));
  }

  /** Offers files. */
  add(files: Iterable<File>): void {
    for (const file of files) this.offered.push(fileSource(`p${this.#nextId++}`, file));
    this.#changed();
  }

  /** Shows what the peers offer. */
  setPeers(peers: readonly PeerFiles[]): void {
    this.#peers = peers;
    this.#showShelf();
  }

  /** A transfer with `peerName` began or changed. Cheap: the page is touched once a frame. */
  show(transfer: Transfer, peerName: string): void {
    if (!this.#transfers.has(transfer)) {
      const row = new TransferRow(transfer, peerName);
      this.#transfers.set(transfer, { row, blob: undefined });
      find("#transfers").prepend(row.element);
      find("#transfers-title").hidden = false;
    }
    if (this.#dirty.size === 0) requestAnimationFrame(() => this.#render());
    this.#dirty.add(transfer);
  }

  #render(): void {
    for (const transfer of this.#dirty) {
      const entry = this.#transfers.get(transfer);
      entry?.row.render(transfer, entry.blob);
    }
    this.#dirty.clear();
    const over = [...this.#transfers.keys()].filter(isOver);
    for (const transfer of over.slice(0, -MAX_OVER)) {
      this.#transfers.get(transfer)!.row.remove();
      this.#transfers.delete(transfer);
    }
  }

  #changed(): void {
    this.#onOfferChange();
    this.#showShelf();
  }

  #showShelf(): void {
    const rows: HTMLElement[] = this.offered.map((source) => {
      const row = fileRow(source.info, "offered by you");
      const remove = makeButton("Withdraw", () => {
        this.offered.splice(this.offered.indexOf(source), 1);
        this.#changed();
      });
      remove.setAttribute("aria-label", `Withdraw ${source.info.name}`);
      row.firstElementChild!.append(remove);
      return row;
    });
    for (const peer of this.#peers) {
      for (const file of peer.files) {
        const row = fileRow(file, `from ${peer.name}`);
        const get = makeButton("Get", () => this.#get(peer, file));
        get.setAttribute("aria-label", `Get ${file.name} from ${peer.name}`);
        row.firstElementChild!.append(get);
        rows.push(row);
      }
    }
    find("#shelf").replaceChildren(...rows);
    find("#shelf-title").hidden = rows.length === 0;
  }

  #get(peer: PeerFiles, file: FileInfo): void {
    const blob = new BlobSink(file.mime);
    const transfer = peer.get(file, blob);
    const entry = this.#transfers.get(transfer);
    if (entry !== undefined) entry.blob = blob;
  }

  #acceptDrops(panel: HTMLElement, target: HTMLElement): void {
    panel.addEventListener("dragover", (event) => {
      event.preventDefault();
      target.classList.add("over");
    });
    panel.addEventListener("dragleave", () => target.classList.remove("over"));
    panel.addEventListener("drop", (event) => {
      event.preventDefault();
      target.classList.remove("over");
      this.add(event.dataTransfer?.files ?? []);
    });
  }
}

/** Gathers a received file. */
class BlobSink implements FileSink {
  readonly #mime: string;
  #blobs: Blob[] = [];
  #chunks: Uint8Array<ArrayBuffer>[] = [];
  #chunkBytes = 0;

  constructor(mime: string) {
    this.#mime = mime;
  }

  write(bytes: Uint8Array<ArrayBuffer>): void {
    this.#chunks.push(bytes);
    this.#chunkBytes += bytes.length;
    if (this.#chunkBytes >= BLOB_BYTES) this.#fold();
  }

  /** All of it. */
  blob(): Blob {
    this.#fold();
    return new Blob(this.#blobs, { type: this.#mime });
  }

  async hash(): Promise<string | null> {
    const blob = this.blob();
    return blob.size > MAX_HASHED_BYTES ? null : await sha256Hex(await blob.arrayBuffer());
  }

  #fold(): void {
    if (this.#chunks.length > 0) this.#blobs.push(new Blob(this.#chunks));
    this.#chunks = [];
    this.#chunkBytes = 0;
  }
}

/** One transfer in the page. */
class TransferRow {
  readonly element: HTMLElement;
  readonly #about = make("p", "about");
  readonly #progress = make("progress", "");
  readonly #cancel: HTMLButtonElement;
  readonly #arrow: string;
  #url: string | undefined;

  constructor(transfer: Transfer, peerName: string) {
    const { file, direction } = transfer;
    this.#arrow = direction === "in" ? `from ${peerName}` : `to ${peerName}`;
    this.#progress.max = Math.max(1, file.size);
    this.#progress.setAttribute("aria-label", `${file.name} ${this.#arrow}`);
    this.#cancel = makeButton("Cancel", () => transfer.cancel());
    this.#cancel.setAttribute("aria-label", `Cancel ${file.name} ${this.#arrow}`);
    const text = make("div", "", make("p", "name", file.name), this.#about, this.#progress);
    this.element = make("li", "", make("div", "file", text, this.#cancel));
    this.element.dataset.direction = direction;
    this.element.dataset.name = file.name;
  }

  render(transfer: Transfer, blob: BlobSink | undefined): void {
    this.#progress.value = transfer.bytes;
    this.element.dataset.state = transfer.state;
    setText(this.#about, `${this.#arrow} · ${progressText(transfer)}`);
    if (!isOver(transfer) || this.#cancel.parentElement === null) return;
    this.#cancel.remove();
    this.#progress.hidden = true;
    this.#about.dataset.tone = transfer.state === "done" ? "good" : "bad";
    if (transfer.state === "done" && blob !== undefined) this.#offerToSave(transfer.file, blob);
  }

  remove(): void {
    this.element.remove();
    if (this.#url !== undefined) URL.revokeObjectURL(this.#url);
  }

  /** Saves at once, as the person has asked for the file; the link does it again. */
  #offerToSave(file: FileInfo, blob: BlobSink): void {
    const link = make("a", "", "Save again");
    this.#url = URL.createObjectURL(blob.blob());
    link.href = this.#url;
    link.download = file.name;
    this.element.firstElementChild!.append(link);
    link.click();
  }
}

function progressText(transfer: Transfer): string {
  const { bytes, file, state } = transfer;
  const ms = Math.max(1, (transfer.endedAt || performance.now()) - transfer.startedAt);
  const rate = `${formatBytes((bytes / ms) * 1000)}/s`;
  switch (state) {
    case "waiting":
      return "waiting";
    case "active": {
      const leftMs = bytes === 0 ? 0 : ((file.size - bytes) / bytes) * ms;
      const left = leftMs > 1000 ? ` · ${formatDuration(leftMs)} left` : "";
      return `${formatBytes(bytes)} of ${formatBytes(file.size)} · ${rate}${left}`;
    }
    case "checking":
      return "comparing hashes";
    case "done":
      return `${formatBytes(file.size)} · ${rate}${transfer.verified ? " · hash verified" : ""}`;
    case "failed":
      return transfer.error;
  }
}

function fileRow(file: FileInfo, about: string): HTMLElement {
  const text = make(
    "div",
    "",
    make("p", "name", file.name),
    make("p", "about", `${formatBytes(file.size)} · ${about}`),
  );
  return make("li", "", make("div", "file", text));
}

function fileSource(id: string, file: File): FileSource {
  let hash: Promise<string | null> | undefined;
  return {
    info: { id, name: file.name.slice(-255), size: file.size, mime: file.type },
    read: async (start, end) => new Uint8Array(await file.slice(start, end).arrayBuffer()),
    hash: () =>
      hash ??= file.size > MAX_HASHED_BYTES
        ? Promise.resolve(null)
        : file.arrayBuffer().then(sha256Hex),
  };
}
