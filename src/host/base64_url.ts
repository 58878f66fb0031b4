/** Bytes as JSON Web Keys carry them: base64url without padding (RFC 7515 §2). */
export function base64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
