import { PACKET_PATH } from "./floors_table.ts";
import { isReference } from "./names.ts";
import { repositoryPath, sourceFolder } from "./paths.ts";

const READERS = "Use readU16 … writeU48 of src/base: they are faster and allocate nothing.";
const NUMBERS = "Doubles are exact to 53 bits; split wider fields into two 32-bit numbers.";
const LENT = "Write into the buffer that the caller lends: write(msg, out, at) returns the end.";

const SLOW: ReadonlyMap<string, string> = new Map([
  ["DataView", READERS],
  ["BigInt", NUMBERS],
  ["BigInt64Array", NUMBERS],
  ["BigUint64Array", NUMBERS],
]);

/**
 * `sterna/packet-path`: no `DataView`, no BigInt, no `Buffer.concat` in the folders that a datagram
 * passes through.
 */
export const packetPath: Deno.lint.Rule = {
  create(context) {
    const folder = sourceFolder(repositoryPath(context.filename));
    if (folder === undefined || !PACKET_PATH.has(folder)) return {};
    const say = (node: Deno.lint.Node, what: string, hint: string): void =>
      context.report({ node, message: `${what} does not belong on the packet path.`, hint });
    return {
      Identifier(node) {
        const hint = SLOW.get(node.name);
        if (hint !== undefined && isReference(node)) say(node, `\`${node.name}\``, hint);
      },
      Literal(node) {
        if ("bigint" in node && typeof node.bigint === "string") {
          say(node, `The BigInt \`${node.raw}\``, NUMBERS);
        }
      },
      'MemberExpression[object.name="Buffer"][property.name="concat"]'(
        node: Deno.lint.MemberExpression,
      ): void {
        say(node, "`Buffer.concat`", LENT);
      },
    };
  },
};
