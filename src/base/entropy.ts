/**
 * Fills `out` with random bytes. Machines take their randomness as this argument, so that a run is
 * a pure function of seed and inputs; hosts pass a cryptographically secure source.
 */
export type Entropy = (out: Uint8Array) => void;

const scratch = new Uint8Array(4);

/** A uniformly random unsigned 32-bit number. */
export function randomU32(entropy: Entropy): number {
  entropy(scratch);
  return ((scratch[0]! << 24) | (scratch[1]! << 16) | (scratch[2]! << 8) | scratch[3]!) >>> 0;
}

/** New random bytes. */
export function randomBytes(entropy: Entropy, length: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(length);
  entropy(out);
  return out;
}

/**
 * A deterministic source for tests and simulations (xoshiro128**, seeded by splitmix32): same seed,
 * same bytes. Never for keys that matter.
 */
export function seededEntropy(seed: number): Entropy {
  let mix = seed | 0;
  const next32 = (): number => {
    mix = (mix + 0x9e3779b9) | 0;
    let z = mix;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return z ^ (z >>> 15);
  };
  let a = next32(), b = next32(), c = next32(), d = next32();
  const rotl = (x: number, k: number): number => (x << k) | (x >>> (32 - k));
  const next = (): number => {
    const result = Math.imul(rotl(Math.imul(b, 5), 7), 9);
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = rotl(d, 11);
    return result >>> 0;
  };
  return (out) => {
    for (let i = 0; i < out.length; i += 4) {
      let word = next();
      for (let j = i; j < i + 4 && j < out.length; j++) {
        out[j] = word & 0xff;
        word >>>= 8;
      }
    }
  };
}
