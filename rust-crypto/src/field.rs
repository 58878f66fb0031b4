//! AES's field GF(2^8) as a tower over GF(2^4), and the lookup tables that follow from it, all
//! computed at compile time.
//!
//! The idea is Hamburg's ("Accelerating AES with Vector Permute Instructions", CHES 2009). Write an
//! element as `x = k + i·w` with `i` and `k` in GF(2^4) and a `w` whose trace `w + w^16` and norm
//! `w^17` are the same number `a`. Then, with `j = i + k` and `N = x^17 = k² + a·i·k + a·i²`,
//!
//! ```text
//! io = 1/(1/i + a/k) + j        1/io = (k + a·i)/N       =: p
//! jo = 1/(1/j + a/k) + i        1/jo = (k + a·i + a·k)/N =: q
//! 1/x = (k + a·i)/N + w·i/N = p + w·(p + (p + q)/a)/a
//! ```
//!
//! so that four inversions of nibbles and XORs give two nibbles from which every linear function of
//! `1/x`, such as AES's S-box without its constant, is the sum of two lookups. A division by zero is
//! "infinity", [`INFINITY`], whose inverse is zero; it survives XOR with nibbles, and as an index it
//! selects zero. The formulas then hold for every `x`, zero included.

/// The nibble 1/0.
const INFINITY: u8 = 0x80;

/// Multiplies in AES's field (FIPS 197 §4.2).
pub(crate) const fn multiply(mut a: u8, mut b: u8) -> u8 {
    let mut product = 0;
    while b != 0 {
        if b & 1 != 0 {
            product ^= a;
        }
        a = (a << 1) ^ (0x1b * (a >> 7));
        b >>= 1;
    }
    product
}

/// `base` to the power of `exponent`; `power(x, 254)` is the inverse, with 0 for 0.
const fn power(base: u8, exponent: usize) -> u8 {
    let mut result = 1;
    let mut left = exponent;
    while left > 0 {
        result = multiply(result, base);
        left -= 1;
    }
    result
}

/// The elements of GF(2^4) inside of GF(2^8), by nibble: 3 generates the large group, so its 17th
/// power generates the small one, and the powers 0 to 3 of that are a basis over GF(2).
const SUBFIELD: [u8; 16] = {
    let generator = power(3, 17);
    let mut elements = [0; 16];
    let mut n = 0;
    while n < 16 {
        let mut bit = 0;
        while bit < 4 {
            if n >> bit & 1 == 1 {
                elements[n] ^= power(generator, bit);
            }
            bit += 1;
        }
        n += 1;
    }
    elements
};

/// The nibble of an element of the subfield.
const fn nibble(element: u8) -> u8 {
    let mut n = 0;
    while SUBFIELD[n as usize] != element {
        n += 1;
    }
    n
}

/// The smallest element whose trace and norm over the subfield agree and are not zero.
const W: u8 = {
    let mut w = 2;
    while w ^ power(w, 16) == 0 || w ^ power(w, 16) != power(w, 17) {
        w += 1;
    }
    w
};

const A: u8 = power(W, 17);
const A_INVERSE: u8 = power(A, 254);

/// `x = k + i·w` as the byte `i ‖ k`.
const fn to_tower(x: u8) -> u8 {
    let squared = multiply(x, x);
    let fourth = multiply(squared, squared);
    let eighth = multiply(fourth, fourth);
    let conjugate = multiply(eighth, eighth);
    let i = multiply(x ^ conjugate, A_INVERSE);
    nibble(i) << 4 | nibble(x ^ multiply(i, W))
}

/// The linear part of AES's S-box after its inversion (FIPS 197 §5.1.1).
const fn affine(x: u8) -> u8 {
    x ^ x.rotate_left(1) ^ x.rotate_left(2) ^ x.rotate_left(3) ^ x.rotate_left(4)
}

/// The constant of AES's S-box (FIPS 197 §5.1.1).
pub(crate) const SBOX_CONSTANT: u8 = 0x63;

/// For each nibble `n`, the nibble of `factor/n`.
const fn quotients(factor: u8) -> [u8; 16] {
    let mut table = [INFINITY; 16];
    let mut n = 1;
    while n < 16 {
        table[n] = nibble(multiply(factor, power(SUBFIELD[n], 254)));
        n += 1;
    }
    table
}

/// What becomes of the S-box's output.
#[derive(Clone, Copy)]
enum Output {
    /// Left as it is.
    Plain,
    /// Into the tower, for the next round.
    Tower,
    /// Doubled (MixColumns, FIPS 197 §5.1.3), then into the tower.
    DoubledTower,
}

/// The two tables, by `io` and by `jo`, whose sum is the S-box without its constant.
const fn sbox(output: Output) -> [[u8; 16]; 2] {
    let mut tables = [[0; 16]; 2];
    let mut n = 1;
    while n < 16 {
        let inverse = power(SUBFIELD[n], 254);
        let scaled = multiply(inverse, A_INVERSE);
        let parts = [
            inverse ^ multiply(W, multiply(inverse ^ scaled, A_INVERSE)),
            multiply(W, multiply(scaled, A_INVERSE)),
        ];
        let mut part = 0;
        while part < 2 {
            let value = affine(parts[part]);
            tables[part][n] = match output {
                Output::Plain => value,
                Output::Tower => to_tower(value),
                Output::DoubledTower => to_tower(multiply(2, value)),
            };
            part += 1;
        }
        n += 1;
    }
    tables
}

/// [`to_tower`] by lower and by upper nibble.
pub(crate) const INPUT: [[u8; 16]; 2] = {
    let mut tables = [[0; 16]; 2];
    let mut n = 0;
    while n < 16 {
        tables[0][n as usize] = to_tower(n);
        tables[1][n as usize] = to_tower(n << 4);
        n += 1;
    }
    tables
};

/// `1/n` by nibble.
pub(crate) const INVERSE: [u8; 16] = quotients(1);
/// `a/n` by nibble.
pub(crate) const SCALED_INVERSE: [u8; 16] = quotients(A);
/// The S-box from `io` and `jo`.
pub(crate) const SBOX: [[u8; 16]; 2] = sbox(Output::Plain);
/// The S-box from `io` and `jo`, into the tower.
pub(crate) const SBOX_TOWER: [[u8; 16]; 2] = sbox(Output::Tower);
/// Twice the S-box from `io` and `jo`, into the tower.
pub(crate) const SBOX_DOUBLED: [[u8; 16]; 2] = sbox(Output::DoubledTower);
