import { rm } from "node:fs/promises";
import { DenoKvStore } from "../../src/signaling/stores/deno_kv/mod.ts";
import { storeSuite } from "../signaling/store_suite.ts";

storeSuite({
  name: "DenoKvStore",
  skip: "openKv" in Deno ? undefined : "Deno KV needs --unstable-kv",
  open: async () => {
    const folder = await Deno.makeTempDir();
    const databases: Deno.Kv[] = [];
    // One channel for each cluster: they share the process.
    const prefix = crypto.randomUUID();
    const kv = await Deno.openKv(`${folder}/rooms.sqlite`);
    databases.push(kv);
    return {
      store: () => new DenoKvStore({ kv, prefix }),
      close: async () => {
        for (const database of databases) database.close();
        await rm(folder, { recursive: true });
      },
    };
  },
});
