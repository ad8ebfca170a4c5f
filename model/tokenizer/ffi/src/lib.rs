//! Hugging Face `tokenizers` behind a C ABI, declared for C++ in `model/tokenizer/ffi.hpp`.
//!
//! No panic leaves an entry point: hostile files make the library panic, and the caller is a daemon.
//! What an entry point hands out is released by the function of its type.

mod encode;
mod load;
mod seam;

use std::any::Any;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::slice;

use encode::{Direction, Limit};
use load::Loaded;

#[repr(u8)]
#[derive(Clone, Copy, PartialEq)]
pub enum Status {
    Ok = 0,
    FileRefused = 1,
    TextNotUtf8 = 2,
    LimitTooLow = 3,
    Failed = 4,
}

pub struct Fault {
    status: Status,
    detail: String,
    offset: usize,
}

impl Fault {
    fn new(status: Status, detail: impl ToString) -> Self {
        let detail = detail.to_string().replace(char::is_control, " ");
        Fault { status, detail, offset: 0 }
    }
}

impl From<tokenizers::Error> for Fault {
    fn from(error: tokenizers::Error) -> Self {
        Fault::new(Status::Failed, error)
    }
}

/// A boxed slice that the caller releases.
#[repr(C)]
pub struct Array<T> {
    data: *mut T,
    len: usize,
}

impl<T> From<Vec<T>> for Array<T> {
    fn from(items: Vec<T>) -> Self {
        let len = items.len();
        Array { data: Box::into_raw(items.into_boxed_slice()).cast(), len }
    }
}

impl<T> Array<T> {
    /// # Safety
    /// `self` came from a `Vec` here and was not released before.
    unsafe fn release(self) {
        drop(Box::from_raw(std::ptr::slice_from_raw_parts_mut(self.data, self.len)));
    }
}

#[repr(C)]
pub struct Outcome {
    status: Status,
    offset: usize,
    detail: Array<u8>,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct View {
    data: *const u8,
    len: usize,
}

#[repr(C)]
pub struct Token {
    id: u32,
    begin: u32,
    end: u32,
    special: bool,
}

#[repr(C)]
pub struct Encoding {
    ids: Array<u32>,
    type_ids: Array<u32>,
    truncated: bool,
}

/// Runs `work` and writes what it gave to `out`, which is left alone on a fault.
///
/// # Safety
/// `out` is valid for a write.
unsafe fn guarded<T>(out: *mut T, work: impl FnOnce() -> Result<T, Fault>) -> Outcome {
    let result = catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|panic| Err(Fault::new(Status::Failed, format!("panicked: {}", message_of(panic)))));
    match result {
        Ok(value) => {
            out.write(value);
            Outcome { status: Status::Ok, offset: 0, detail: Vec::new().into() }
        }
        Err(fault) => {
            Outcome { status: fault.status, offset: fault.offset, detail: fault.detail.into_bytes().into() }
        }
    }
}

fn message_of(panic: Box<dyn Any + Send>) -> String {
    match panic.downcast::<String>() {
        Ok(message) => *message,
        Err(panic) => panic.downcast_ref::<&str>().unwrap_or(&"without a message").to_string(),
    }
}

unsafe fn bytes<'a>(view: View) -> &'a [u8] {
    if view.len == 0 {
        return &[];
    }
    slice::from_raw_parts(view.data, view.len)
}

unsafe fn text<'a>(view: View) -> Result<&'a str, Fault> {
    std::str::from_utf8(bytes(view)).map_err(|error| Fault {
        offset: error.valid_up_to(),
        ..Fault::new(Status::TextNotUtf8, "the text is not valid UTF-8")
    })
}

/// # Safety
/// `json` is readable, `out` writable.
#[no_mangle]
pub unsafe extern "C" fn embedd_tokenizer_load(json: View, out: *mut *mut Loaded) -> Outcome {
    guarded(out, || Ok(Box::into_raw(Box::new(load::load(bytes(json))?))))
}

/// # Safety
/// `tokenizer` came from `embedd_tokenizer_load` and is not used after this.
#[no_mangle]
pub unsafe extern "C" fn embedd_tokenizer_release(tokenizer: *mut Loaded) {
    let _ = catch_unwind(AssertUnwindSafe(|| drop(Box::from_raw(tokenizer))));
}

/// `second` is null for a single text.
///
/// # Safety
/// `tokenizer` is loaded, the views are readable, `out` is writable.
#[no_mangle]
pub unsafe extern "C" fn embedd_tokenizer_encode(
    tokenizer: *const Loaded,
    first: View,
    second: *const View,
    max_tokens: usize,
    direction: Direction,
    add_special: bool,
    out: *mut Encoding,
) -> Outcome {
    guarded(out, || {
        let second = second.as_ref().map(|view| text(*view)).transpose()?;
        let limit = Limit { max_tokens, direction };
        let encoded = encode::encode(&*tokenizer, text(first)?, second, limit, add_special)?;
        Ok(Encoding {
            ids: encoded.ids.into(),
            type_ids: encoded.type_ids.into(),
            truncated: encoded.truncated,
        })
    })
}

/// # Safety
/// `tokenizer` is loaded, `text_given` is readable, `out` is writable.
#[no_mangle]
pub unsafe extern "C" fn embedd_tokenizer_tokenize(
    tokenizer: *const Loaded,
    text_given: View,
    add_special: bool,
    out: *mut Array<Token>,
) -> Outcome {
    guarded(out, || Ok(encode::tokenize(&*tokenizer, text(text_given)?, add_special)?.into()))
}

/// # Safety
/// `tokenizer` is loaded, `ids` holds `len` numbers, `out` is writable.
#[no_mangle]
pub unsafe extern "C" fn embedd_tokenizer_decode(
    tokenizer: *const Loaded,
    ids: *const u32,
    len: usize,
    skip_special: bool,
    out: *mut Array<u8>,
) -> Outcome {
    guarded(out, || {
        let ids = if len == 0 { &[] } else { slice::from_raw_parts(ids, len) };
        Ok((*tokenizer).huggingface.decode(ids, skip_special)?.into_bytes().into())
    })
}

/// # Safety
/// `tokenizer` is loaded, `out` is writable.
#[no_mangle]
pub unsafe extern "C" fn embedd_tokenizer_token_text(
    tokenizer: *const Loaded,
    id: u32,
    out: *mut Array<u8>,
) -> Outcome {
    guarded(out, || match (*tokenizer).huggingface.id_to_token(id) {
        Some(token) => Ok(token.into_bytes().into()),
        None => Err(Fault::new(Status::Failed, format!("no token has the id {id}"))),
    })
}

/// # Safety
/// `tokenizer` is loaded.
#[no_mangle]
pub unsafe extern "C" fn embedd_tokenizer_largest_id(tokenizer: *const Loaded) -> u32 {
    (*tokenizer).largest_id
}

/// # Safety
/// `array` was handed out here and is not used after this; so for the next two.
#[no_mangle]
pub unsafe extern "C" fn embedd_tokenizer_release_bytes(array: Array<u8>) {
    array.release();
}

/// # Safety
/// As above.
#[no_mangle]
pub unsafe extern "C" fn embedd_tokenizer_release_words(array: Array<u32>) {
    array.release();
}

/// # Safety
/// As above.
#[no_mangle]
pub unsafe extern "C" fn embedd_tokenizer_release_tokens(array: Array<Token>) {
    array.release();
}
