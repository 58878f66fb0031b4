/** What runs in workerd: rooms as Durable Objects, and an object in which the suite of stores runs. */
import { Hono } from "hono";
import {
  type DurableNamespace,
  durableSignaling,
  type DurableState,
  SignalingRoom,
  type SignalingRoomOptions,
  type SqlStorage,
  SqlStore,
} from "../../src/signaling/stores/durable_objects/mod.ts";
import { storeSuite } from "../signaling/store_suite.ts";
import { runCollected } from "./collected.ts";

const OPTIONS: SignalingRoomOptions = {
  // Behind the ten seconds after which workerd puts an object to sleep.
  limits: { heartbeatMs: 12_000, idleMs: 30_000 },
};

/** How often an object was made, or woke up: the Worker shares its memory with the objects. */
let constructions = 0;

/** A room. */
export class Room extends SignalingRoom {
  constructor(state: DurableState, env: unknown) {
    super(state, env);
    constructions++;
  }

  protected override configure(): SignalingRoomOptions {
    return OPTIONS;
  }
}

/** A room whose members have to come back soon. */
export class QuickRoom extends SignalingRoom {
  protected override configure(): SignalingRoomOptions {
    return { limits: { resumeMs: 3000 } };
  }
}

let sql: SqlStorage;

storeSuite({
  name: "SqlStore",
  open: () => {
    for (const table of ["rooms", "entries", "leases"]) {
      sql.exec(`DROP TABLE IF EXISTS sterna_${table}`);
    }
    const store = new SqlStore(sql);
    // Instances of one object share it; none of them may end it for the others.
    const face = {
      open: store.open.bind(store),
      keepAlive: store.keepAlive.bind(store),
      close: () => {},
    };
    return { store: () => face, close: () => store.close() };
  },
});

/** Runs the suite in its own storage. */
export class Suite {
  constructor(state: DurableState) {
    sql = state.storage.sql;
  }

  async fetch(): Promise<Response> {
    return Response.json(await runCollected());
  }
}

const app: Hono = new Hono();
app.get("/constructions", (context) => context.json(constructions));
app.get("/suite", (context) => {
  const { SUITE: namespace } = context.env as { SUITE: DurableNamespace };
  return namespace.get(namespace.idFromName("suite") as never).fetch(context.req.raw);
});
app.route("/rtc", durableSignaling(OPTIONS));
app.route("/quick", durableSignaling({ binding: "QUICK" }));

export default app;
