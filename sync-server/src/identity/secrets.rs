//! Tokens and signatures. What is handed out is never kept: only its hash is.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest, Sha256};

/// A fresh token of so many random bytes, in letters that survive a link.
#[must_use]
pub fn fresh<const N: usize>() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; N]>())
}

/// What is kept of a token.
#[must_use]
pub fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// The refresh token that follows another. Derived, so that a repeated request whose answer was lost gets the same
/// one; nobody else can derive it without the server's secret.
#[must_use]
pub fn successor(secret: &[u8; 32], refresh: &str) -> String {
    let mut digest = Sha256::new();
    digest.update(b"satchel refresh token");
    digest.update(secret);
    digest.update(refresh.as_bytes());
    digest.update(secret);
    URL_SAFE_NO_PAD.encode(digest.finalize())
}

/// A device's public key from its base64.
#[must_use]
pub fn device_key(base64: &str) -> Option<[u8; 32]> {
    let bytes: [u8; 32] = decode(base64)?.try_into().ok()?;
    VerifyingKey::from_bytes(&bytes).ok().map(|_| bytes)
}

/// Whether the device signed the challenge.
#[must_use]
pub fn signed(key: &[u8], challenge: &[u8], proof: &str) -> bool {
    let verify = || {
        let key = VerifyingKey::from_bytes(key.try_into().ok()?).ok()?;
        let proof = Signature::from_slice(&decode(proof)?).ok()?;
        key.verify_strict(challenge, &proof).ok()
    };
    verify().is_some()
}

fn decode(base64: &str) -> Option<Vec<u8>> {
    if base64.len() > 128 {
        return None;
    }
    STANDARD.decode(base64).or_else(|_| URL_SAFE_NO_PAD.decode(base64.trim_end_matches('='))).ok()
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::{Signer, SigningKey};

    use super::*;

    #[test]
    fn a_signature_of_another_key_or_text_does_not_pass() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let other = SigningKey::from_bytes(&[8; 32]);
        let proof = STANDARD.encode(key.sign(b"text").to_bytes());
        let public = key.verifying_key().to_bytes();
        assert!(signed(&public, b"text", &proof));
        assert!(!signed(&public, b"another text", &proof));
        assert!(!signed(&other.verifying_key().to_bytes(), b"text", &proof));
        assert!(!signed(&public, b"text", "nonsense"));
    }

    #[test]
    fn tokens_have_the_promised_strength() {
        assert_eq!(URL_SAFE_NO_PAD.decode(fresh::<32>()).unwrap().len(), 32);
        assert_eq!(URL_SAFE_NO_PAD.decode(fresh::<16>()).unwrap().len(), 16);
        assert_eq!(successor(&[1; 32], "a"), successor(&[1; 32], "a"));
        assert_ne!(successor(&[1; 32], "a"), successor(&[2; 32], "a"));
    }
}
