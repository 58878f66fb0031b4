/**
 * What the environment says, as options of the routes.
 *
 * | variable | |
 * |---|---|
 * | `JWT_SECRET` | verifies tokens (HS256); at least 32 bytes |
 * | `JWKS_URL` | instead of it: where the issuer publishes its keys |
 * | `JWT_ISSUER`, `JWT_AUDIENCE` | what tokens must name, where they are set |
 * | `OPEN_ROOMS` | `1`: rooms need no token |
 * | `ORIGINS` | pages that may connect, separated by commas; without it all may |
 * | `ADDRESS_HEADER` | the header in which a proxy of yours tells the client's address |
 * | `TURN_URLS`, `TURN_SECRET` | TURN servers, separated by commas, and the secret shared with them |
 *
 * @module
 */
import type { SignalingOptions } from "@sterna/webrtc/signaling";

/** Reads the options. */
export function optionsFrom(env: Record<string, string | undefined>): SignalingOptions {
  const { JWT_SECRET, JWKS_URL, JWT_ISSUER, JWT_AUDIENCE } = env;
  const { OPEN_ROOMS, ORIGINS, ADDRESS_HEADER, TURN_URLS, TURN_SECRET } = env;
  const options: SignalingOptions = {};
  if (JWT_SECRET || JWKS_URL) {
    options.tokens = {
      ...(JWT_SECRET && { keys: [{ algorithm: "HS256", secret: JWT_SECRET }] }),
      ...(JWKS_URL && { jwks: JWKS_URL }),
      ...(JWT_ISSUER && { issuer: JWT_ISSUER }),
      ...(JWT_AUDIENCE && { audience: JWT_AUDIENCE }),
    };
  } else if (OPEN_ROOMS !== "1") {
    throw new TypeError("set JWT_SECRET or JWKS_URL, or OPEN_ROOMS=1 for rooms without tokens");
  }
  if (ORIGINS) options.origins = list(ORIGINS);
  if (ADDRESS_HEADER) options.addressHeader = ADDRESS_HEADER;
  if (TURN_URLS && TURN_SECRET) options.turn = { urls: list(TURN_URLS), secret: TURN_SECRET };
  return options;
}

function list(text: string): string[] {
  return text.split(",").map((item) => item.trim()).filter((item) => item !== "");
}
