import { listen } from "./listen.ts";
import { relayApp } from "./relay_app.ts";

await listen(relayApp);
