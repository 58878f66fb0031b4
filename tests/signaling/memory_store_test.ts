import { randomU32, seededEntropy } from "../../src/base/mod.ts";
import { MemoryStore } from "../../src/signaling/mod.ts";
import { SlowStore } from "./slow_store.ts";
import { storeSuite } from "./store_suite.ts";

/** Instances of one process share a store; none of them may end it for the others. */
function shared(store: MemoryStore): Pick<MemoryStore, "open" | "keepAlive" | "close"> {
  return {
    open: store.open.bind(store),
    keepAlive: store.keepAlive.bind(store),
    close: () => {},
  };
}

storeSuite({
  name: "MemoryStore",
  open: () => {
    const store = new MemoryStore();
    return { store: () => shared(store), close: () => store.close() };
  },
});

storeSuite({
  name: "A store that answers late",
  messages: 2000,
  open: () => {
    const store = new MemoryStore(), entropy = seededEntropy(1);
    const delayMs = (): number => Math.max(0, randomU32(entropy) % 8 - 4);
    return { store: () => new SlowStore(shared(store), delayMs), close: () => store.close() };
  },
});
