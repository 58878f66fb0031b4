import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { basename, join } from "node:path";
import { seededEntropy } from "../../src/base/mod.ts";
import { test } from "../harness.ts";
import { Program } from "./program.ts";

function hashOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** A file that cannot be compressed, copied from one terminal to another. */
async function transfer(name: string, size: number): Promise<void> {
  const folder = await Deno.makeTempDir();
  const programs: Program[] = [];
  try {
    const content = new Uint8Array(size);
    seededEntropy(size)(content);
    const path = join(folder, name), target = join(folder, "received");
    await Deno.writeFile(path, content);
    await Deno.mkdir(target);
    const sender = new Program("file_transfer.ts", "send", path);
    programs.push(sender);
    const url = await sender.printed(/receive (http:\/\/\S+)/);
    const receiver = new Program("file_transfer.ts", "receive", url, target);
    programs.push(receiver);
    const codes = [await receiver.ended(), await sender.ended()];
    assert.deepEqual(codes, [0, 0], sender.errors + receiver.errors);
    const received = await Deno.readFile(join(target, basename(name)));
    assert.equal(hashOf(received), hashOf(content));
    assert.match(sender.output, /received and verified/);
    assert.ok(receiver.output.includes(join(target, name)));
    for (const { errors } of programs) assert.match(errors, /█{30} 100 %/);
  } finally {
    for (const program of programs) await program.stop();
    await Deno.remove(folder, { recursive: true });
  }
}

test("file_transfer.ts copies 20 MB, shows how far it is, verifies the hash and ends", async () => {
  await transfer("holiday – ferien.bin", 20_000_000);
});

test("file_transfer.ts copies an empty file, too", async () => {
  await transfer("empty", 0);
});
