import assert from "node:assert/strict";
import { utf8Encode } from "../../src/base/mod.ts";
import { test } from "../harness.ts";
import { certificate, Pair } from "./support.ts";

test("DtlsConnection connects two peers and carries data both ways (RFC 6347 §4.2.4)", () => {
  const pair = new Pair().connect();
  assert.equal(pair.client.state, "connected", JSON.stringify(pair.events));
  assert.equal(pair.server.state, "connected");
  pair.send("client", utf8Encode("ping"), utf8Encode("ping 2"));
  pair.send("server", utf8Encode("pong"));
  pair.run(pair.now + 1000);
  assert.deepEqual(pair.received.server.map((t) => new TextDecoder().decode(t)), [
    "ping",
    "ping 2",
  ]);
  assert.deepEqual(pair.received.client.map((t) => new TextDecoder().decode(t)), ["pong"]);
  assert.deepEqual(
    pair.client.exportKeyingMaterial("EXTRACTOR-dtls_srtp", 60),
    pair.server.exportKeyingMaterial("EXTRACTOR-dtls_srtp", 60),
  );
  assert.deepEqual(pair.client.remoteCertificates[0], certificate("ecdsa-p256", "server").der);
});
