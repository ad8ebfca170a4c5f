use std::panic;
use std::sync::Once;

use tokenizers::Tokenizer;

use crate::seam::Seams;
use crate::{Fault, Status};

pub struct Loaded {
    pub huggingface: Tokenizer,
    pub seams: Option<Seams>,
    pub largest_id: u32,
}

pub fn load(json: &[u8]) -> Result<Loaded, Fault> {
    // A panic is an outcome here and its message is in it: nothing is printed.
    static QUIET: Once = Once::new();
    QUIET.call_once(|| panic::set_hook(Box::new(|_| {})));

    let mut huggingface =
        Tokenizer::from_bytes(json).map_err(|error| Fault::new(Status::FileRefused, error))?;
    huggingface.with_padding(None);
    huggingface.with_truncation(None)?;

    let largest_id = largest_id(&huggingface)?;
    if i32::try_from(largest_id).is_err() {
        let detail = format!("the id {largest_id} is larger than any embedding table");
        return Err(Fault::new(Status::FileRefused, detail));
    }
    let seams = Seams::of(&huggingface);
    Ok(Loaded { huggingface, seams, largest_id })
}

/// The ids in a post-processor's template are the file's own and need not be in the vocabulary.
fn largest_id(tokenizer: &Tokenizer) -> Result<u32, Fault> {
    let mut largest = tokenizer.get_vocab(true).into_values().max().unwrap_or(0);
    for template in [tokenizer.encode_fast("", true)?, tokenizer.encode_fast(("", ""), true)?] {
        largest = template.get_ids().iter().copied().fold(largest, u32::max);
    }
    Ok(largest)
}
