/** A request's body as text, or `undefined` when it has more than `maxBytes`. */
export async function readText(request: Request, maxBytes: number): Promise<string | undefined> {
  const declared = Number(request.headers.get("content-length") ?? 0);
  if (declared > maxBytes || request.body === null) return declared > maxBytes ? undefined : "";
  const decoder = new TextDecoder();
  let text = "", length = 0;
  const reader = request.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    length += value.length;
    if (length > maxBytes) {
      await reader.cancel();
      return undefined;
    }
    text += decoder.decode(value, { stream: true });
  }
}
