//! What `Tokenizer::encode` does under `with_truncation`, with the limit given per call: there it is state
//! of the tokenizer, which is shared by threads here.

use tokenizers::{
    truncate_encodings, Encoding, Model, OffsetType, PostProcessor, PreTokenizer, TruncationDirection,
    TruncationParams,
};

use crate::load::Loaded;
use crate::seam::Seams;
use crate::{Fault, Status, Token};

#[repr(u8)]
#[derive(Clone, Copy)]
pub enum Direction {
    Left = 0,
    Right = 1,
}

impl From<Direction> for TruncationDirection {
    fn from(direction: Direction) -> Self {
        match direction {
            Direction::Left => TruncationDirection::Left,
            Direction::Right => TruncationDirection::Right,
        }
    }
}

#[derive(Clone, Copy)]
pub struct Limit {
    pub max_tokens: usize,
    pub direction: Direction,
}

pub struct Encoded {
    pub ids: Vec<u32>,
    /// Empty when all are zero.
    pub type_ids: Vec<u32>,
    pub truncated: bool,
}

pub fn encode(
    tokenizer: &Loaded,
    first: &str,
    second: Option<&str>,
    limit: Limit,
    add_special: bool,
) -> Result<Encoded, Fault> {
    let template = tokenizer.huggingface.get_post_processor().filter(|_| add_special);
    let added = template.map_or(0, |template| template.added_tokens(second.is_some()));
    let room = limit.max_tokens.checked_sub(added).ok_or_else(|| {
        let detail = format!("{} tokens are allowed, the special tokens alone are {added}", limit.max_tokens);
        Fault::new(Status::LimitTooLow, detail)
    })?;

    // The library stops at max_tokens too, and which of two long texts it takes for the longer depends on it.
    // One more where no special tokens are added, to see that there is more.
    let enough = Limit { max_tokens: limit.max_tokens.max(room.saturating_add(1)), ..limit };
    let first = encode_until(tokenizer, first, enough)?;
    let mut second = second.map(|text| encode_until(tokenizer, text, enough)).transpose()?;
    if let Some(second) = &mut second {
        second.set_type_ids(vec![1; second.len()]);
    }
    let truncated = first.len() + second.as_ref().map_or(0, Encoding::len) > room;

    let params = TruncationParams {
        max_length: room,
        direction: limit.direction.into(),
        ..TruncationParams::default()
    };
    let (mut first, mut second) = truncate_encodings(first, second, &params)?;
    // What was cut off would be put through the template as well.
    first.take_overflowing();
    second.iter_mut().for_each(|second| drop(second.take_overflowing()));

    let whole = tokenizer.huggingface.post_process(first, second, add_special)?;
    let type_ids = whole.get_type_ids();
    Ok(Encoded {
        ids: whole.get_ids().to_vec(),
        type_ids: if type_ids.iter().any(|id| *id != 0) { type_ids.to_vec() } else { Vec::new() },
        truncated,
    })
}

pub fn tokenize(tokenizer: &Loaded, text: &str, add_special: bool) -> Result<Vec<Token>, Fault> {
    let encoding = tokenizer.huggingface.encode(text, add_special)?;
    let offsets = encoding.get_offsets().iter();
    let special = encoding.get_special_tokens_mask().iter();
    let added = tokenizer.huggingface.get_added_vocabulary().get_added_tokens_decoder();
    Ok(encoding
        .get_ids()
        .iter()
        .zip(offsets.zip(special))
        .map(|(id, (offsets, special))| Token {
            id: *id,
            begin: offsets.0 as u32,
            end: offsets.1 as u32,
            special: *special != 0 || added.get(id).is_some_and(|token| token.special),
        })
        .collect())
}

/// All tokens of the text, or at least `enough` of them, counted from the side that truncation keeps.
fn encode_until(tokenizer: &Loaded, text: &str, enough: Limit) -> Result<Encoding, Fault> {
    if let Some(seams) = &tokenizer.seams {
        let mut window = Seams::first_window(enough.max_tokens);
        while let Some(part) = seams.part(text, window, enough.direction) {
            let encoding = encode_part(tokenizer, part, enough)?;
            if encoding.len() >= enough.max_tokens {
                return Ok(encoding);
            }
            window = window.saturating_mul(4);
        }
    }
    encode_part(tokenizer, text, enough)
}

fn encode_part(tokenizer: &Loaded, text: &str, enough: Limit) -> Result<Encoding, Fault> {
    let tokenizer = &tokenizer.huggingface;
    let normalizer = tokenizer.get_normalizer();
    let mut pieces = tokenizer.get_added_vocabulary().extract_and_normalize(normalizer, text);
    if let Some(pre_tokenizer) = tokenizer.get_pre_tokenizer() {
        pre_tokenizer.pre_tokenize(&mut pieces)?;
    }
    let stop = Some((enough.max_tokens, enough.direction.into()));
    tokenizer.get_model().tokenize_in_pretokenized(&mut pieces, stop)?;
    Ok(pieces.into_encoding(None, 0, OffsetType::None)?)
}
