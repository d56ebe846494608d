//! Bodies on a live connection: each goes as WebSocket messages of [`PART_BYTES`]; a shorter one, which may be empty,
//! is the last. Neither side then keeps a buffer larger than a part, and pings pass between the parts of a large body.

use super::wire::WireError;

/// Length of every part of a body but its last.
pub const PART_BYTES: usize = 8 * 1024;

/// A body's parts in order.
pub fn parts(body: &[u8]) -> impl Iterator<Item = &[u8]> {
    let whole = body.len() / PART_BYTES;
    (0..=whole).map(move |n| &body[n * PART_BYTES..body.len().min((n + 1) * PART_BYTES)])
}

/// A body of which parts have arrived.
#[derive(Debug, Default)]
pub struct Assembly(Vec<u8>);

impl Assembly {
    /// Takes the next part in; the body, once this was its last. Nothing is kept afterwards.
    ///
    /// # Errors
    /// `TooLarge` past `limit` bytes, `Malformed` for a part longer than parts are.
    pub fn take(&mut self, part: &[u8], limit: usize) -> Result<Option<Vec<u8>>, WireError> {
        if part.len() > PART_BYTES {
            return Err(WireError::Malformed);
        }
        if self.0.len() + part.len() > limit {
            return Err(WireError::TooLarge);
        }
        self.0.extend_from_slice(part);
        Ok((part.len() < PART_BYTES).then(|| std::mem::take(&mut self.0)))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(0, 1)]
    #[case(1, 1)]
    #[case(PART_BYTES - 1, 1)]
    #[case(PART_BYTES, 2)]
    #[case(PART_BYTES + 1, 2)]
    #[case(3 * PART_BYTES, 4)]
    fn a_body_comes_together_again_whatever_its_length(#[case] length: usize, #[case] n_parts: usize) {
        let body: Vec<u8> = (0..length).map(|n| (n % 251) as u8).collect();
        let mut assembly = Assembly::default();
        let came: Vec<Option<Vec<u8>>> = parts(&body).map(|part| assembly.take(part, length).unwrap()).collect();
        assert_eq!(came.len(), n_parts);
        assert!(came[..n_parts - 1].iter().all(Option::is_none));
        assert_eq!(came[n_parts - 1].as_ref(), Some(&body));
    }

    #[test]
    fn a_body_past_the_limit_is_not_collected() {
        let mut assembly = Assembly::default();
        assert!(assembly.take(&[0; PART_BYTES], PART_BYTES + 1).unwrap().is_none());
        assert!(matches!(assembly.take(&[0; 2], PART_BYTES + 1), Err(WireError::TooLarge)));
        assert!(matches!(Assembly::default().take(&[0; PART_BYTES + 1], usize::MAX), Err(WireError::Malformed)));
    }
}
