//! Passwords under Argon2id, few at once (promises.md, limits at the door).

use std::sync::{Condvar, Mutex, PoisonError};

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};

/// Shortest password, in characters.
pub const SHORTEST: usize = 8;
/// Longest password, in bytes: hashing must not be fed megabytes.
pub const LONGEST: usize = 1024;

/// What a guess costs.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
}

impl Default for Cost {
    fn default() -> Self {
        Self { memory_kib: 19 * 1024, passes: 2 }
    }
}

/// Hashes and verifies passwords: so many at once, so many waiting, no more.
pub struct Passwords {
    argon: Argon2<'static>,
    /// Verified where there is no account, so that an unknown one takes as long as a known one.
    nobody: String,
    queue: Mutex<Queue>,
    freed: Condvar,
    waiting_room: usize,
}

struct Queue {
    free: usize,
    waiting: usize,
}

/// More passwords are being verified than the server takes on.
#[derive(Debug, PartialEq, Eq)]
pub struct Busy;

impl Passwords {
    /// So many at once, and eight times as many waiting.
    ///
    /// # Panics
    /// Never: the parameters are within what Argon2 allows.
    #[must_use]
    pub fn new(cost: Cost, at_once: usize) -> Self {
        let params = Params::new(cost.memory_kib.max(8), cost.passes.max(1), 1, None).unwrap_or_default();
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let nobody = hash(&argon, "nobody's password").unwrap_or_default();
        let at_once = at_once.max(1);
        Self {
            argon,
            nobody,
            queue: Mutex::new(Queue { free: at_once, waiting: 0 }),
            freed: Condvar::new(),
            waiting_room: at_once * 8,
        }
    }

    /// The hash to keep.
    ///
    /// # Errors
    /// `Busy` where too many wait already.
    pub fn hash(&self, password: &str) -> Result<Vec<u8>, Busy> {
        let _place = self.enter()?;
        Ok(hash(&self.argon, password).unwrap_or_default().into_bytes())
    }

    /// Whether the password is the one. `None` takes as long and is never right.
    ///
    /// # Errors
    /// `Busy` where too many wait already.
    pub fn verify(&self, password: &str, kept: Option<&[u8]>) -> Result<bool, Busy> {
        let _place = self.enter()?;
        let kept = kept.and_then(|kept| std::str::from_utf8(kept).ok());
        let hash = PasswordHash::new(kept.unwrap_or(&self.nobody));
        let password = if password.len() > LONGEST { "" } else { password };
        let right = hash.is_ok_and(|hash| self.argon.verify_password(password.as_bytes(), &hash).is_ok());
        Ok(right && kept.is_some())
    }

    fn enter(&self) -> Result<Place<'_>, Busy> {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        if queue.free == 0 && queue.waiting >= self.waiting_room {
            return Err(Busy);
        }
        queue.waiting += 1;
        while queue.free == 0 {
            queue = self.freed.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
        queue.waiting -= 1;
        queue.free -= 1;
        Ok(Place(self))
    }
}

struct Place<'a>(&'a Passwords);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.queue.lock().unwrap_or_else(PoisonError::into_inner).free += 1;
        self.0.freed.notify_one();
    }
}

fn hash(argon: &Argon2<'_>, password: &str) -> Option<String> {
    let salt: [u8; 16] = rand::random();
    let salt = SaltString::encode_b64(&salt).ok()?;
    argon.hash_password(password.as_bytes(), &salt).ok().map(|hash| hash.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cheap() -> Passwords {
        Passwords::new(Cost { memory_kib: 8, passes: 1 }, 1)
    }

    #[test]
    fn only_the_right_password_passes() {
        let passwords = cheap();
        let kept = passwords.hash("correct horse").unwrap();
        assert_eq!(passwords.verify("correct horse", Some(&kept)), Ok(true));
        assert_eq!(passwords.verify("wrong horse", Some(&kept)), Ok(false));
        assert_eq!(passwords.verify("nobody's password", None), Ok(false));
    }

    #[test]
    fn hashes_are_argon2id_of_at_least_the_promised_cost() {
        let kept = Passwords::new(Cost::default(), 1).hash("correct horse").unwrap();
        let kept = String::from_utf8(kept).unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
    }
}
