/** Combinations of conditions that cover every pair of values. */
import type { LinkConditions } from "../../src/host/mod.ts";

const VALUES = {
  loss: [0, 0.01, 0.05, 0.2],
  delayMs: [30, 100, 300],
  mtu: [1500, 1200, 900, 600],
  reorder: [0, 0.1],
  duplicate: [0, 0.1],
  jitterMs: [0, 20],
} as const;

type Row = Record<keyof typeof VALUES, number>;

const NAMES = Object.keys(VALUES) as (keyof typeof VALUES)[];

function allRows(): Row[] {
  let rows: Partial<Row>[] = [{}];
  for (const name of NAMES) {
    rows = rows.flatMap((row) => VALUES[name].map((value) => ({ ...row, [name]: value })));
  }
  return rows as Row[];
}

function pairsOf(row: Row): string[] {
  const pairs: string[] = [];
  NAMES.forEach((first, i) => {
    for (const second of NAMES.slice(i + 1)) {
      pairs.push(`${first} ${row[first]} ${second} ${row[second]}`);
    }
  });
  return pairs;
}

/** Rows such that each value of each condition meets each value of every other one; greedy. */
export function pairwiseConditions(): LinkConditions[] {
  const rows = allRows();
  const open = new Set(rows.flatMap(pairsOf));
  const chosen: Row[] = [];
  while (open.size > 0) {
    let best = rows[0]!, most = -1;
    for (const row of rows) {
      const count = pairsOf(row).filter((pair) => open.has(pair)).length;
      if (count > most) [best, most] = [row, count];
    }
    chosen.push(best);
    for (const pair of pairsOf(best)) open.delete(pair);
  }
  return chosen;
}
