//! Where a text can be cut so that the parts tokenize alone exactly as they do in the whole.
//!
//! Truncation needs a few thousand bytes of a text of a megabyte, but normalizing and splitting the rest
//! first costs most of the time. For BERT's normalizer and pre-tokenizer a cut before an ASCII space, line
//! feed or punctuation character is exact, and so is one before a CJK ideograph that gets spaces around it:
//! - the normalizer maps character by character, but for NFD, which reorders marks between starters only, and
//!   these characters are starters; none of them is removed;
//! - the pre-tokenizer splits there, and a model sees one split at a time;
//! - no added token spans the cut, as none contains these characters; `single_word` finds no word character
//!   there either (ideographs are, so then they are left out), and what `lstrip` and `rstrip` swallow is
//!   white space, which makes no token.

use tokenizers::{NormalizerWrapper, PreTokenizerWrapper, Tokenizer};

use crate::encode::Direction;

/// First bytes in UTF-8 of U+5000 to U+9FFF, which are all among the characters that get spaces.
const FIRST_OF_IDEOGRAPH: u8 = 0xe5;
const LAST_OF_IDEOGRAPH: u8 = 0xe9;

pub struct Seams {
    before: [bool; 256],
}

impl Seams {
    /// None where a cut cannot be proved.
    pub fn of(tokenizer: &Tokenizer) -> Option<Self> {
        let Some(NormalizerWrapper::BertNormalizer(normalizer)) = tokenizer.get_normalizer() else {
            return None;
        };
        let Some(PreTokenizerWrapper::BertPreTokenizer(_)) = tokenizer.get_pre_tokenizer() else {
            return None;
        };
        let tokens = tokenizer.get_added_vocabulary().get_added_tokens_decoder();
        // Normalizing may put a space around or into other characters.
        if !tokens.values().all(|token| token.content.bytes().all(|byte| byte.is_ascii_graphic())) {
            return None;
        }

        let ideographs = normalizer.handle_chinese_chars && !tokens.values().any(|token| token.single_word);
        let mut before = [false; 256];
        for (byte, seam) in (0..=u8::MAX).zip(&mut before) {
            *seam = match byte {
                b' ' | b'\n' => true,
                b'_' => false, // a word character
                FIRST_OF_IDEOGRAPH..=LAST_OF_IDEOGRAPH => ideographs,
                _ => byte.is_ascii_punctuation(),
            };
        }
        for byte in tokens.values().flat_map(|token| token.content.bytes()) {
            before[usize::from(byte)] = false;
        }
        Some(Seams { before })
    }

    /// Tokens of everyday text have fewer bytes than this allows for; other text takes a second round.
    pub fn first_window(tokens: usize) -> usize {
        tokens.saturating_mul(8).max(1024)
    }

    /// At least `window` bytes of the side that truncation keeps; none where that is most of the text.
    pub fn part<'a>(&self, text: &'a str, window: usize, direction: Direction) -> Option<&'a str> {
        let is_seam = |byte: &u8| self.before[usize::from(*byte)];
        let far = text.len().checked_sub(window).filter(|rest| *rest > window)?;
        match direction {
            Direction::Right => {
                let cut = window + text.as_bytes()[window..].iter().position(is_seam)?;
                Some(&text[..cut])
            }
            Direction::Left => {
                let cut = text.as_bytes()[..=far].iter().rposition(is_seam)?;
                Some(&text[cut..])
            }
        }
    }
}
