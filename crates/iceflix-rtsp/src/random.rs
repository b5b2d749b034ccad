//! Randomness from the system: secrets and the numbers that RTP wants unpredictable.

/// That many random bytes.
///
/// # Panics
///
/// Where the system has no randomness to give, which on Linux is a broken installation: nothing
/// that is secret can be made then.
pub(crate) fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the system gives random bytes");
    bytes
}

/// That many random bytes in hexadecimal: twice as many digits.
pub(crate) fn hex<const N: usize>() -> String {
    ::hex::encode(bytes::<N>())
}
