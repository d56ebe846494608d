//! The layout of a change chunk, read by hand and never past its end: header, columns, operations.
//!
//! <https://automerge.org/automerge-binary-format-spec/>. Only what one uncompressed change holds; everything here is
//! bounded by the length of the bytes, except runs, which the caller bounds by counting.

/// Begins every chunk.
pub(super) const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
/// Type of a chunk that holds a whole document.
pub(super) const DOCUMENT: u8 = 0;
/// Type of an uncompressed chunk of one change.
pub(super) const PLAIN_CHANGE: u8 = 1;
/// Bit of a column's specification: its data is compressed.
pub(super) const DEFLATED: u64 = 0b1000;

/// The bytes are not laid out as they should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unreadable;

/// Reads forward; never past the end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    pub fn take(&mut self, n: usize) -> Result<&'a [u8], Unreadable> {
        let (head, tail) = self.0.split_at_checked(n).ok_or(Unreadable)?;
        self.0 = tail;
        Ok(head)
    }

    pub fn length(&mut self) -> Result<usize, Unreadable> {
        usize::try_from(self.unsigned()?).map_err(|_| Unreadable)
    }

    pub fn prefixed(&mut self) -> Result<&'a [u8], Unreadable> {
        let n = self.length()?;
        self.take(n)
    }

    pub fn unsigned(&mut self) -> Result<u64, Unreadable> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Unreadable)
    }

    pub fn signed(&mut self) -> Result<i64, Unreadable> {
        let mut value = 0i64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= i64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                let negative = byte & 0x40 != 0 && shift + 7 < 64;
                return Ok(if negative { value | (-1i64 << (shift + 7)) } else { value });
            }
        }
        Err(Unreadable)
    }

    fn byte(&mut self) -> Result<u8, Unreadable> {
        let (byte, tail) = self.0.split_first().ok_or(Unreadable)?;
        self.0 = tail;
        Ok(*byte)
    }
}

/// A change chunk taken apart.
#[derive(Debug)]
pub(super) struct Chunk<'a> {
    /// First four bytes of its hash.
    pub checksum: &'a [u8],
    /// What the hash is made of.
    pub hashed: &'a [u8],
    /// Hashes of the changes it builds on, one after the other.
    pub deps: &'a [u8],
    pub actor: &'a [u8],
    pub seq: u64,
    pub start_op: u64,
    /// Seconds, by the maker's clock.
    pub time: i64,
    /// Actors its operations name besides its own.
    pub others: Vec<&'a [u8]>,
    /// Specification and data of each column.
    pub columns: Vec<(u64, &'a [u8])>,
}

impl<'a> Chunk<'a> {
    /// Takes one uncompressed change chunk off the front.
    pub fn read(bytes: &mut Reader<'a>) -> Result<Self, Unreadable> {
        if bytes.take(4)? != MAGIC {
            return Err(Unreadable);
        }
        let checksum = bytes.take(4)?;
        let whole = bytes.0;
        if bytes.take(1)? != [PLAIN_CHANGE] {
            return Err(Unreadable);
        }
        let mut at = Reader(bytes.prefixed()?);
        let hashed = &whole[..whole.len() - bytes.0.len()];
        let n_deps = at.length()?;
        let deps = at.take(n_deps.checked_mul(32).ok_or(Unreadable)?)?;
        let actor = at.prefixed()?;
        let (seq, start_op, time) = (at.unsigned()?, at.unsigned()?, at.signed()?);
        at.prefixed()?;
        let mut others = Vec::new();
        for _ in 0..at.length()? {
            others.push(at.prefixed()?);
        }
        let mut lengths = Vec::new();
        for _ in 0..at.length()? {
            lengths.push((at.unsigned()?, at.length()?));
        }
        let mut columns = Vec::with_capacity(lengths.len());
        for (spec, length) in lengths {
            columns.push((spec, at.take(length)?));
        }
        Ok(Self { checksum, hashed, deps, actor, seq, start_op, time, others, columns })
    }
}

/// A value of a run-length column.
pub(super) trait Cell<'a>: Copy {
    fn read(from: &mut Reader<'a>) -> Result<Self, Unreadable>;
}

impl Cell<'_> for u64 {
    fn read(from: &mut Reader<'_>) -> Result<Self, Unreadable> {
        from.unsigned()
    }
}

impl Cell<'_> for i64 {
    fn read(from: &mut Reader<'_>) -> Result<Self, Unreadable> {
        from.signed()
    }
}

impl<'a> Cell<'a> for &'a str {
    fn read(from: &mut Reader<'a>) -> Result<Self, Unreadable> {
        std::str::from_utf8(from.prefixed()?).map_err(|_| Unreadable)
    }
}

/// A run-length column: a positive count repeats one value, a negative one introduces that many values, zero a run of
/// nothing. Past its end there is nothing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Runs<'a, T> {
    data: Reader<'a>,
    left: u64,
    run: Run<T>,
}

#[derive(Clone, Copy, Debug)]
enum Run<T> {
    Nothing,
    Same(T),
    Each,
}

impl<'a, T: Cell<'a>> Runs<'a, T> {
    pub fn of(data: &'a [u8]) -> Self {
        Self { data: Reader(data), left: 0, run: Run::Nothing }
    }

    pub fn ended(&self) -> bool {
        self.left == 0 && self.data.0.is_empty()
    }

    pub fn next(&mut self) -> Result<Option<T>, Unreadable> {
        if self.left == 0 {
            if self.data.0.is_empty() {
                return Ok(None);
            }
            let count = self.data.signed()?;
            (self.left, self.run) = match count {
                0 => (self.data.unsigned()?, Run::Nothing),
                1.. => (count.unsigned_abs(), Run::Same(T::read(&mut self.data)?)),
                _ => (count.unsigned_abs(), Run::Each),
            };
        }
        self.left = self.left.checked_sub(1).ok_or(Unreadable)?;
        match self.run {
            Run::Nothing => Ok(None),
            Run::Same(value) => Ok(Some(value)),
            Run::Each => T::read(&mut self.data).map(Some),
        }
    }
}

/// A run-length column of differences.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deltas<'a> {
    runs: Runs<'a, i64>,
    sum: i64,
}

impl<'a> Deltas<'a> {
    pub fn of(data: &'a [u8]) -> Self {
        Self { runs: Runs::of(data), sum: 0 }
    }

    pub fn next(&mut self) -> Result<Option<i64>, Unreadable> {
        let Some(difference) = self.runs.next()? else { return Ok(None) };
        self.sum = self.sum.checked_add(difference).ok_or(Unreadable)?;
        Ok(Some(self.sum))
    }
}

/// A column of flags: lengths of runs, "no" first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flags<'a> {
    data: Reader<'a>,
    left: u64,
    now: bool,
}

impl<'a> Flags<'a> {
    pub fn of(data: &'a [u8]) -> Self {
        Self { data: Reader(data), left: 0, now: true }
    }

    pub fn next(&mut self) -> Result<bool, Unreadable> {
        while self.left == 0 {
            if self.data.0.is_empty() {
                return Ok(false);
            }
            self.left = self.data.unsigned()?;
            self.now = !self.now;
        }
        self.left -= 1;
        Ok(self.now)
    }
}
