//! Mutates inputs: splices two of them, repeats or removes parts, inserts difficult ones, and changes bytes.

use mutatis::Session;

/// The maximum length of an input, in bytes. Longer ones only make parsers slow.
const LONGEST: usize = 64 * 1024;

/// The maximum number of changes to an input.
const CHANGES: usize = 6;

/// The maximum length of a part that is repeated or removed, in bytes.
const STRETCH: usize = 64;

/// Bytes that parsers often handle wrongly.
const NASTY: [&[u8]; 24] = [
    b"\0",
    b"\x1b[",
    b"\xff",
    b"\xff\xff\xff\xff",
    b"\x7f\xff\xff\xff",
    b"\"",
    b"\\",
    b"\\u0000",
    b"\\ud800",
    b"null",
    b"-1",
    b"18446744073709551615",
    b"9007199254740993",
    b"1e999",
    b"[",
    b"{}",
    b"\r\n",
    "\u{202e}".as_bytes(),
    "\u{200d}".as_bytes(),
    "\u{301}".as_bytes(),
    "\u{2028}".as_bytes(),
    "ß".as_bytes(),
    "\u{600}".as_bytes(),
    "👨‍👩‍👧".as_bytes(),
];

/// Makes new inputs from a list of inputs.
pub(crate) struct Mutator<'a> {
    session: Session,
    inputs: &'a [Vec<u8>],
}

impl<'a> Mutator<'a> {
    pub(crate) fn new(seed: u64, inputs: &'a [Vec<u8>]) -> Self {
        Self { session: Session::new().seed(seed), inputs }
    }

    /// Returns the next input.
    pub(crate) fn next(&mut self) -> Vec<u8> {
        let mut input = self.any().to_vec();
        for _ in 0..=self.index(CHANGES) {
            self.change(&mut input);
        }
        input.truncate(LONGEST);
        input
    }

    fn change(&mut self, input: &mut Vec<u8>) {
        let at = self.index(input.len() + 1);
        let end = (at + 1 + self.index(STRETCH)).min(input.len());
        match self.index(6) {
            0 => {
                let other = self.any();
                let from = self.index(other.len() + 1);
                input.truncate(at);
                input.extend(&other[from..]);
            }
            1 => {
                let times = 1 + self.index(40);
                let stretch = input[at..end.max(at)].repeat(times);
                input.splice(at..at, stretch);
            }
            2 => drop(input.drain(at..end.max(at))),
            3 => {
                let nasty = NASTY[self.index(NASTY.len())];
                input.splice(at..at, nasty.iter().copied());
            }
            // This fails if the input is empty, because there is nothing to change.
            _ => drop(self.session.mutate(input)),
        }
    }

    fn any(&mut self) -> &'a [u8] {
        let at = self.index(self.inputs.len());
        &self.inputs[at]
    }

    /// Returns a number below `length`, which must not be 0.
    fn index(&mut self, length: usize) -> usize {
        self.session.generate::<usize>().unwrap_or(0) % length
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_always_means_the_same_inputs() {
        let seeds = [b"{\"type\":\"ping\"}".to_vec(), Vec::new()];
        let made = |seed| {
            let mut mutator = Mutator::new(seed, &seeds);
            (0..500).map(|_| mutator.next()).collect::<Vec<_>>()
        };
        assert_eq!(made(7), made(7));
        assert_ne!(made(7), made(8));
        assert!(made(7).iter().all(|input| input.len() <= LONGEST));
    }
}
