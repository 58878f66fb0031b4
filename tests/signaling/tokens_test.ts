import assert from "node:assert/strict";
import { sign } from "hono/jwt";
import {
  type Identity,
  type Refusal,
  type TokenOptions,
  TokenVerifier,
} from "../../src/signaling/mod.ts";
import { KeySet } from "../../src/signaling/key_set.ts";
import { accessTo } from "../../src/signaling/grants.ts";
import { test } from "../harness.ts";

const SECRET = "0123456789abcdef0123456789abcdef";
const NOW = 1_700_000_000;
const ROOMS = [{ room: "r" }];

type Algorithm = "RS256" | "ES256" | "EdDSA";

const PARAMETERS = {
  RS256: {
    name: "RSASSA-PKCS1-v1_5",
    hash: "SHA-256",
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
  },
  ES256: { name: "ECDSA", namedCurve: "P-256" },
  EdDSA: { name: "Ed25519" },
} as const;

/** A key pair as JSON Web Keys. */
async function keyPair(
  algorithm: Algorithm,
  kid: string,
): Promise<{ secret: JsonWebKey; open: JsonWebKey & { kid: string } }> {
  const usages: KeyUsage[] = ["sign", "verify"];
  const parameters: AlgorithmIdentifier = PARAMETERS[algorithm];
  const pair = await crypto.subtle.generateKey(parameters, true, usages) as CryptoKeyPair;
  const secret = await crypto.subtle.exportKey("jwk", pair.privateKey);
  const open = await crypto.subtle.exportKey("jwk", pair.publicKey);
  return { secret: { ...secret, kid, alg: algorithm } as JsonWebKey, open: { ...open, kid } };
}

function verifier(options: TokenOptions): TokenVerifier {
  return new TokenVerifier(options, () => NOW * 1000);
}

const shared = verifier({ keys: [{ algorithm: "HS256", secret: SECRET }] });

async function hs256(claims: Record<string, unknown>, secret: string = SECRET): Promise<string> {
  return await sign({ exp: NOW + 60, rooms: ROOMS, ...claims }, secret, "HS256");
}

function code(result: Identity | Refusal): string {
  return "code" in result ? result.code : "good";
}

function base64Url(value: unknown): string {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_")
    .replaceAll("=", "");
}

test("Tokens of HS256, RS256, ES256 and EdDSA are good with their own key (RFC 7518 §3, RFC 8037)", async () => {
  assert.deepEqual(await shared.verify(await hs256({ sub: "ann" })), { user: "ann", rooms: ROOMS });
  for (const algorithm of ["RS256", "ES256", "EdDSA"] as const) {
    const { secret, open } = await keyPair(algorithm, "k");
    const token = await sign({ exp: NOW + 60, rooms: ROOMS }, secret as never, algorithm);
    const good = verifier({ keys: [{ algorithm, key: open }] });
    assert.equal(code(await good.verify(token)), "good", algorithm);
    const other = await keyPair(algorithm, "k");
    const wrong = verifier({ keys: [{ algorithm, key: other.open }] });
    assert.equal(code(await wrong.verify(token)), "unauthorized", algorithm);
  }
});

test("A token chooses no algorithm: none, and a public key as HMAC secret, are refused (RFC 8725 §3.1)", async () => {
  const claims = { exp: NOW + 60, rooms: ROOMS };
  for (const alg of ["none", "None", "NONE", "nOnE", "", "HS384"]) {
    const unsigned = `${base64Url({ alg, typ: "JWT" })}.${base64Url(claims)}.`;
    assert.equal(code(await shared.verify(unsigned)), "unauthorized", alg);
  }
  const { open } = await keyPair("RS256", "k");
  const spki = await crypto.subtle.exportKey(
    "spki",
    await crypto.subtle.importKey("jwk", open, PARAMETERS.RS256, true, ["verify"]),
  );
  const base64 = btoa(String.fromCharCode(...new Uint8Array(spki)));
  const pem = `-----BEGIN PUBLIC KEY-----\n${base64}\n-----END PUBLIC KEY-----\n`;
  const asymmetric = verifier({ keys: [{ algorithm: "RS256", key: pem }] });
  for (const secret of [pem, base64, pem.trim()]) {
    const confused = await sign(claims, secret, "HS256");
    assert.equal(code(await asymmetric.verify(confused)), "unauthorized");
  }
  // A verifier that knows both kinds keeps them apart.
  const both = verifier({
    keys: [{ algorithm: "HS256", secret: SECRET }, { algorithm: "RS256", key: pem }],
  });
  assert.equal(code(await both.verify(await sign(claims, pem, "HS256"))), "unauthorized");
  assert.equal(code(await both.verify(await hs256({}))), "good");
});

test("Whatever was changed in a token makes it worthless", async () => {
  const [head, body, signature] = (await hs256({})).split(".") as [string, string, string];
  const more = base64Url({ exp: NOW + 60, rooms: [{ room: "*", admin: true }] });
  const flipped = signature.replace(/^./, (char) => char === "A" ? "B" : "A");
  const forged = [
    `${head}.${more}.${signature}`,
    `${head}.${body}.${flipped}`,
    `${head}.${body}.`,
    `${head}.${body}`,
    `${head}.${body}.${signature}.x`,
    `${base64Url({ alg: "HS256", typ: "JWT", crit: ["x"] })}.${body}.${signature}`,
    `${head}.${body}.${"A".repeat(9000)}`,
    "",
    "..",
    "💥",
  ];
  for (const token of forged) {
    assert.equal(code(await shared.verify(token)), "unauthorized", token.slice(0, 80));
  }
  assert.equal(code(await shared.verify(await hs256({}, SECRET.toUpperCase()))), "unauthorized");
});

test("exp, nbf, iss and aud are judged, with a little leeway for clocks (RFC 7519 §4.1)", async () => {
  const strict = verifier({
    keys: [{ algorithm: "HS256", secret: SECRET }],
    issuer: "https://issuer.example",
    audience: "rtc",
    leewaySeconds: 5,
  });
  const good = { iss: "https://issuer.example", aud: "rtc" };
  const cases: [Record<string, unknown>, string][] = [
    [good, "good"],
    [{ ...good, aud: ["web", "rtc"] }, "good"],
    [{ ...good, exp: NOW - 4 }, "good"],
    [{ ...good, exp: NOW - 6 }, "token-expired"],
    [{ ...good, exp: undefined }, "unauthorized"],
    [{ ...good, exp: "soon" }, "unauthorized"],
    [{ ...good, nbf: NOW + 4 }, "good"],
    [{ ...good, nbf: NOW + 6 }, "unauthorized"],
    [{ ...good, nbf: "now" }, "unauthorized"],
    [{ ...good, iss: "https://evil.example" }, "unauthorized"],
    [{ aud: "rtc" }, "unauthorized"],
    [{ iss: good.iss }, "unauthorized"],
    [{ ...good, aud: "rtc2" }, "unauthorized"],
    [{ ...good, rooms: undefined }, "unauthorized"],
    [{ ...good, rooms: [{ room: "a b" }] }, "unauthorized"],
    [{ ...good, rooms: [{ room: "r", roles: ["Root!"] }] }, "unauthorized"],
  ];
  for (const [claims, expected] of cases) {
    assert.equal(code(await strict.verify(await hs256(claims))), expected, JSON.stringify(claims));
  }
});

test("A secret below 32 bytes is a fault of the configuration (RFC 7518 §3.2)", async () => {
  const weak = verifier({ keys: [{ algorithm: "HS256", secret: "short" }] });
  await assert.rejects(async () => await weak.verify(await hs256({})), TypeError);
});

test("Grants cover a room by name or by the beginning of its name, and add up", () => {
  const identity: Identity = {
    user: "ann",
    rooms: [
      { room: "team-*", create: false },
      { room: "team-1", roles: ["moderator"], admin: true },
      { room: "*x" },
    ],
  };
  assert.deepEqual(accessTo(identity, "team-2"), {
    roles: ["publisher"],
    create: false,
    admin: false,
  });
  assert.deepEqual(accessTo(identity, "team-1"), {
    roles: ["publisher", "moderator"],
    create: true,
    admin: true,
  });
  for (const room of ["team", "Team-1", "xteam-1", "ax", ""]) {
    assert.equal(accessTo(identity, room), undefined, room);
  }
});

/** An issuer that publishes its keys. */
class Issuer {
  keys: unknown[] = [];
  fetches = 0;
  isDown = false;
  now = 0;
  readonly set: KeySet;

  constructor() {
    this.set = new KeySet({
      url: "https://issuer.example/jwks.json",
      cacheMs: 1000,
      cooldownMs: 100,
      fetch: () => {
        this.fetches++;
        if (this.isDown) return Promise.reject(new TypeError("unreachable"));
        return Promise.resolve(Response.json({ keys: this.keys }));
      },
    }, () => this.now);
  }

  async ids(id?: string): Promise<(string | undefined)[]> {
    return (await this.set.keys(id)).map((key) => key.id);
  }
}

test("A key set is fetched once, again for an unknown key, and not more often than allowed (RFC 7517)", async () => {
  const issuer = new Issuer();
  issuer.keys = [(await keyPair("ES256", "a")).open];
  await Promise.all([issuer.ids("a"), issuer.ids("a"), issuer.ids("a")]);
  assert.equal(issuer.fetches, 1);
  issuer.keys.push((await keyPair("EdDSA", "b")).open);
  // Somebody names keys that do not exist: that does not become a flood for the issuer.
  for (let i = 0; i < 10; i++) await issuer.ids(`x${i}`);
  assert.equal(issuer.fetches, 1);
  issuer.now = 200;
  assert.deepEqual(await issuer.ids("b"), ["a", "b"]);
  assert.equal(issuer.fetches, 2);
  issuer.now = 1300;
  issuer.keys.shift();
  assert.deepEqual(await issuer.ids("b"), ["b"]);
  issuer.isDown = true;
  issuer.now = 5000;
  assert.deepEqual(await issuer.ids("b"), ["b"], "known keys stay good");
});

test("Of a key set only public signing keys with an algorithm of their own are taken", async () => {
  const issuer = new Issuer();
  const { open } = await keyPair("RS256", "rsa");
  issuer.keys = [
    { kty: "oct", k: base64Url("secret"), kid: "oct", alg: "HS256" },
    { ...open, kid: "enc", use: "enc" },
    { ...open, kid: "other", alg: "PS256" },
    { kty: "RSA", kid: "broken" },
    { kty: "EC", crv: "P-384", x: "x", y: "y", kid: "p384" },
    null,
    "x",
    open,
  ];
  assert.deepEqual(await issuer.ids(), ["rsa"]);
});

test("A verifier follows an issuer's rotation, and says when it cannot ask", async () => {
  const [old, next] = [await keyPair("EdDSA", "1"), await keyPair("EdDSA", "2")];
  let keys = [old.open], isDown = false;
  const rotating = verifier({
    jwks: {
      url: "https://issuer.example/jwks.json",
      cooldownMs: 0,
      fetch: () =>
        isDown ? Promise.reject(new Error("down")) : Promise.resolve(Response.json({ keys })),
    },
  });
  const claims = { exp: NOW + 60, rooms: ROOMS };
  const first = await sign(claims, old.secret as never, "EdDSA");
  const second = await sign(claims, next.secret as never, "EdDSA");
  assert.equal(code(await rotating.verify(first)), "good");
  assert.equal(code(await rotating.verify(second)), "unauthorized");
  keys = [next.open];
  assert.equal(code(await rotating.verify(second)), "good");
  assert.equal(code(await rotating.verify(first)), "unauthorized");
  isDown = true;
  const lost = verifier({
    jwks: { url: "https://issuer.example/x", fetch: () => Promise.reject(new Error("down")) },
  });
  assert.equal(code(await lost.verify(first)), "try-again");
});
