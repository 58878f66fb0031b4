//! CRC32c, the checksum of SCTP (RFC 9260 appendix A), sixteen bytes at a time.

/// The polynomial 0x1EDC6F41 in reflected order.
const POLYNOMIAL: u32 = 0x82f6_3b78;

/// Bytes that are looked up independently of each other.
pub(crate) const STEP: usize = 16;

/// The tables, which are made on first use: in the module they would weigh 16 kB.
pub struct Crc32c {
    /// Table 0 is of the next byte; table `n` of a byte that `n` more follow.
    tables: [[u32; 256]; STEP],
}

impl core::fmt::Debug for Crc32c {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str("Crc32c { .. }")
    }
}

impl Default for Crc32c {
    fn default() -> Self {
        Self::new()
    }
}

impl Crc32c {
    /// Without tables yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { tables: [[0; 256]; STEP] }
    }

    #[cold]
    #[inline(never)]
    fn make_tables(&mut self) {
        let tables = &mut self.tables;
        for (byte, entry) in (0u32..).zip(&mut tables[0]) {
            *entry = (0..8).fold(byte, |crc, _| (crc >> 1) ^ ((crc & 1) * POLYNOMIAL));
        }
        for table in 1..STEP {
            for byte in 0..256 {
                let crc = tables[table - 1][byte];
                tables[table][byte] = (crc >> 8) ^ tables[0][(crc & 0xff) as usize];
            }
        }
    }

    /// The checksum of `bytes`, as the number whose bytes SCTP sends lowest first.
    #[must_use]
    pub fn checksum(&mut self, bytes: &[u8]) -> u32 {
        self.checksum_of_parts(&[], bytes)
    }

    /// The checksum of two parts behind each other.
    #[must_use]
    pub fn checksum_of_parts(&mut self, first: &[u8], second: &[u8]) -> u32 {
        // No other entry of a table is zero than the one of byte zero.
        if self.tables[0][1] == 0 {
            self.make_tables();
        }
        !self.update(self.update(!0, first), second)
    }

    fn update(&self, mut crc: u32, bytes: &[u8]) -> u32 {
        let tables = &self.tables;
        let (chunks, rest) = bytes.as_chunks::<STEP>();
        for chunk in chunks {
            let [a, b] =
                [0, 8].map(|at| u64::from_le_bytes(*chunk[at..].first_chunk().unwrap_or(&[0; 8])));
            let look_up = |word: u64, first: usize| {
                let mut sum = 0;
                for at in 0..8 {
                    sum ^= tables[first - at][(word >> (8 * at) & 0xff) as usize];
                }
                sum
            };
            crc = look_up(a ^ u64::from(crc), 15) ^ look_up(b, 7);
        }
        for byte in rest {
            crc = (crc >> 8) ^ self.tables[0][((crc ^ u32::from(*byte)) & 0xff) as usize];
        }
        crc
    }
}
