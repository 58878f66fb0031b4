//! What the host asks the core to keep: numbered slots for keys, and arenas, stretches of memory in
//! which packets lie beside the rows that describe them. Where memory runs out, the answer is `None`.

use alloc::vec::Vec;

/// Packets and the rows that describe them. How many numbers make a row, each call decides.
pub struct Arena {
    numbers: Vec<u32>,
    bytes: Vec<u8>,
}

impl core::fmt::Debug for Arena {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str("Arena { .. }")
    }
}

impl Arena {
    /// An arena of zeros with room for so many numbers and bytes.
    #[must_use]
    pub fn new(numbers: usize, bytes: usize) -> Option<Self> {
        Some(Self { numbers: zeros(numbers)?, bytes: zeros(bytes)? })
    }

    /// Address of the numbers.
    #[must_use]
    pub fn numbers_at(&self) -> usize {
        self.numbers.as_ptr().addr()
    }

    /// Address of the bytes, from which all offsets in rows count.
    #[must_use]
    pub fn bytes_at(&self) -> usize {
        self.bytes.as_ptr().addr()
    }

    /// The bytes.
    pub fn bytes(&mut self) -> &mut [u8] {
        &mut self.bytes
    }

    /// The bytes, and the first `count` rows; `None` when there is no room for so many rows.
    pub fn batch<const COLUMNS: usize>(
        &mut self,
        count: usize,
    ) -> Option<(&mut [u8], &mut [[u32; COLUMNS]])> {
        let (rows, _) = self.numbers.as_chunks_mut();
        Some((&mut self.bytes, rows.get_mut(..count)?))
    }
}

impl Arena {
    /// The bytes, the first `count` rows, and as many rows of another kind from number `at` on; `None`
    /// when there is no room for them.
    pub fn batch_with<const COLUMNS: usize, const OTHERS: usize>(
        &mut self,
        count: usize,
        at: usize,
    ) -> Option<Pairs<'_, COLUMNS, OTHERS>> {
        let (rows, others) = self.numbers.split_at_mut_checked(at)?;
        let (rows, _) = rows.as_chunks_mut();
        let (others, _) = others.as_chunks_mut();
        Some((&mut self.bytes, rows.get_mut(..count)?, others.get_mut(..count)?))
    }
}

/// Bytes, rows, and rows of another kind.
type Pairs<'a, const COLUMNS: usize, const OTHERS: usize> =
    (&'a mut [u8], &'a mut [[u32; COLUMNS]], &'a mut [[u32; OTHERS]]);

fn zeros<T: Copy + Default>(length: usize) -> Option<Vec<T>> {
    let mut values = Vec::new();
    values.try_reserve_exact(length).ok()?;
    values.resize(length, T::default());
    Some(values)
}

/// Values by handle, a number from 1 on. Handles of values that are gone are given out again.
pub struct Slots<T>(Vec<Option<T>>);

impl<T> core::fmt::Debug for Slots<T> {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str("Slots { .. }")
    }
}

impl<T> Default for Slots<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Slots<T> {
    /// No values.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Keeps what is given and returns its handle, or 0 when there is nothing to keep or no memory to
    /// keep it in.
    pub fn insert(&mut self, value: Option<T>) -> usize {
        if value.is_none() {
            return 0;
        }
        let free = self.0.iter().position(Option::is_none);
        let at = free.unwrap_or(self.0.len());
        if free.is_none() {
            if self.0.try_reserve(1).is_err() {
                return 0;
            }
            self.0.push(None);
        }
        self.0[at] = value;
        at + 1
    }

    /// The value of a handle.
    pub fn get(&mut self, handle: usize) -> Option<&mut T> {
        self.0.get_mut(handle.wrapping_sub(1))?.as_mut()
    }

    /// The values of two handles that differ.
    pub fn get_two(&mut self, one: usize, other: usize) -> Option<(&mut T, &mut T)> {
        let places = [one.wrapping_sub(1), other.wrapping_sub(1)];
        let [one, other] = self.0.get_disjoint_mut(places).ok()?;
        Some((one.as_mut()?, other.as_mut()?))
    }

    /// Drops the value of a handle, if it has one.
    pub fn remove(&mut self, handle: usize) {
        if let Some(value) = self.0.get_mut(handle.wrapping_sub(1)) {
            *value = None;
        }
    }
}
