//! Which letters the bytes of a text file mean, and reading them as UTF-8.

use std::io::{self, Read};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};

const BLOCK: usize = 32 * 1024;

/// Looks at a whole file and says how its text is encoded.
///
/// # Errors
/// Those of the reader.
pub fn detect(mut source: impl Read) -> io::Result<&'static Encoding> {
    let mut block = vec![0; BLOCK];
    let mut checker = UTF_8.new_decoder_without_bom_handling();
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    let mut is_utf8 = true;
    let mut is_first = true;
    let mut checked = String::with_capacity(BLOCK * 3);
    loop {
        let n = fill(&mut source, &mut block)?;
        let bytes = &block[..n];
        if is_first {
            if let Some((encoding, _)) = Encoding::for_bom(bytes) {
                return Ok(encoding);
            }
            if let Some(encoding) = wide(bytes) {
                return Ok(encoding);
            }
            is_first = false;
        }
        let last = n < BLOCK;
        if is_utf8 {
            checked.clear();
            let (result, _) = checker.decode_to_string_without_replacement(bytes, &mut checked, last);
            is_utf8 = !matches!(result, DecoderResult::Malformed(..));
        }
        detector.feed(bytes, last);
        if last {
            break;
        }
    }
    Ok(if is_utf8 { UTF_8 } else { detector.guess(Some(b"ru"), Utf8Detection::Deny) })
}

/// UTF-16 without a mark: every second byte of plain text is nought or the number of one alphabet.
fn wide(bytes: &[u8]) -> Option<&'static Encoding> {
    let pairs = bytes.len() / 2;
    if pairs < 4 {
        return None;
    }
    let is_high = |byte: u8| byte == 0 || byte == 4;
    let high = |at: usize| bytes.chunks_exact(2).filter(|pair| is_high(pair[at])).count() * 10 / pairs;
    match (high(0), high(1)) {
        (low, 9..) if low < 5 => Some(UTF_16LE),
        (9.., low) if low < 5 => Some(UTF_16BE),
        _ => None,
    }
}

fn fill(source: &mut impl Read, block: &mut [u8]) -> io::Result<usize> {
    let mut n = 0;
    while n < block.len() {
        match source.read(&mut block[n..]) {
            Ok(0) => break,
            Ok(read) => n += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(n)
}

/// The text of a file as UTF-8, without its mark; bytes that mean nothing become U+FFFD.
pub struct Decoded<R> {
    source: R,
    decoder: encoding_rs::Decoder,
    block: Vec<u8>,
    text: String,
    at: usize,
    done: bool,
}

impl<R: Read> Decoded<R> {
    /// Reads `source` as `encoding`.
    pub fn new(source: R, encoding: &'static Encoding) -> Self {
        Self {
            source,
            decoder: encoding.new_decoder_with_bom_removal(),
            block: vec![0; BLOCK],
            text: String::with_capacity(BLOCK * 3),
            at: 0,
            done: false,
        }
    }

    fn more(&mut self) -> io::Result<()> {
        let n = fill(&mut self.source, &mut self.block)?;
        self.done = n < self.block.len();
        self.text.clear();
        self.at = 0;
        let needed = self.decoder.max_utf8_buffer_length(n).unwrap_or(BLOCK * 4);
        self.text.reserve(needed);
        // The room is enough for the whole block, so one call takes all of it.
        let _ = self.decoder.decode_to_string(&self.block[..n], &mut self.text, self.done);
        Ok(())
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.at == self.text.len() && !self.done {
            self.more()?;
        }
        let n = into.len().min(self.text.len() - self.at);
        into[..n].copy_from_slice(&self.text.as_bytes()[self.at..self.at + n]);
        self.at += n;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use encoding_rs::WINDOWS_1251;
    use rstest::rstest;

    use super::*;

    const TEXT: &str = "Наименование;ИНН;Город\nООО «Ромашка»;7707083893;Москва\nСвіточ;00032112;Львів\n";

    fn wide_of(text: &str, mark: bool, little: bool) -> Vec<u8> {
        let units = mark.then_some(0xfeff).into_iter().chain(text.encode_utf16());
        units.flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
    }

    #[rstest]
    #[case(TEXT.as_bytes().to_vec(), UTF_8)]
    #[case([b"\xef\xbb\xbf", TEXT.as_bytes()].concat(), UTF_8)]
    #[case(WINDOWS_1251.encode(TEXT).0.into_owned(), WINDOWS_1251)]
    #[case(wide_of(TEXT, true, true), UTF_16LE)]
    #[case(wide_of(TEXT, false, true), UTF_16LE)]
    #[case(wide_of(TEXT, true, false), UTF_16BE)]
    fn the_encoding_is_found_and_read(#[case] bytes: Vec<u8>, #[case] encoding: &'static Encoding) {
        assert_eq!(detect(bytes.as_slice()).unwrap(), encoding);
        let mut text = String::new();
        Decoded::new(bytes.as_slice(), encoding).read_to_string(&mut text).unwrap();
        assert_eq!(text, TEXT);
    }

    #[test]
    fn the_first_foreign_letter_may_come_late() {
        let bytes = [vec![b'a'; BLOCK * 3], WINDOWS_1251.encode(&TEXT.repeat(20)).0.into_owned()].concat();
        assert_eq!(detect(bytes.as_slice()).unwrap(), WINDOWS_1251);
        let cut = format!("{}{TEXT}", "a".repeat(BLOCK - 1));
        assert_eq!(detect(cut.as_bytes()).unwrap(), UTF_8, "a letter may lie over the end of a block");
    }
}
