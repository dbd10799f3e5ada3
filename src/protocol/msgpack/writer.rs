//! MessagePack's own forms, each as short as it can be. Knows nothing of Terraform's types.

use crate::protocol::codec_error::Problem;
use crate::terraform::number::Number;

pub(super) fn bool(truth: bool, out: &mut Vec<u8>) {
    out.push(if truth { 0xc3 } else { 0xc2 });
}

/// The first that fits: an integer, a float 64 that is exactly the number, decimal text.
///
/// An integer that only an unsigned 64-bit form could hold is text, as in go-cty.
pub(super) fn number(number: &Number, out: &mut Vec<u8>) -> Result<(), Problem> {
    if let Some(integer) = number.as_i64() {
        match u64::try_from(integer) {
            Ok(natural) => unsigned(natural, out),
            Err(_) => negative(integer, out),
        }
        return Ok(());
    }
    if let Some(float) = number.as_exact_fraction() {
        prefixed(0xcb, &float.to_be_bytes(), out);
        return Ok(());
    }
    text(&number.to_string(), out)
}

pub(super) fn unsigned(integer: u64, out: &mut Vec<u8>) {
    if let Ok(byte) = u8::try_from(integer) {
        match byte {
            0..=0x7f => out.push(byte),
            _ => prefixed(0xcc, &[byte], out),
        }
    } else if let Ok(integer) = u16::try_from(integer) {
        prefixed(0xcd, &integer.to_be_bytes(), out);
    } else if let Ok(integer) = u32::try_from(integer) {
        prefixed(0xce, &integer.to_be_bytes(), out);
    } else {
        prefixed(0xcf, &integer.to_be_bytes(), out);
    }
}

fn negative(integer: i64, out: &mut Vec<u8>) {
    if let Ok(byte) = i8::try_from(integer) {
        match byte {
            -32..=-1 => out.push(byte.cast_unsigned()),
            _ => prefixed(0xd0, &byte.to_be_bytes(), out),
        }
    } else if let Ok(integer) = i16::try_from(integer) {
        prefixed(0xd1, &integer.to_be_bytes(), out);
    } else if let Ok(integer) = i32::try_from(integer) {
        prefixed(0xd2, &integer.to_be_bytes(), out);
    } else {
        prefixed(0xd3, &integer.to_be_bytes(), out);
    }
}

pub(super) fn text(text: &str, out: &mut Vec<u8>) -> Result<(), Problem> {
    header(
        &Header { short: 0xa0, short_below: 32, codes: [Some(0xd9), Some(0xda), Some(0xdb)] },
        text.len(),
        out,
    )?;
    out.extend_from_slice(text.as_bytes());
    Ok(())
}

pub(super) fn bin(bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Problem> {
    header(
        &Header { short: 0, short_below: 0, codes: [Some(0xc4), Some(0xc5), Some(0xc6)] },
        bytes.len(),
        out,
    )?;
    out.extend_from_slice(bytes);
    Ok(())
}

pub(super) fn array_header(length: usize, out: &mut Vec<u8>) -> Result<(), Problem> {
    header(&Header { short: 0x90, short_below: 16, codes: [None, Some(0xdc), Some(0xdd)] }, length, out)
}

pub(super) fn map_header(length: usize, out: &mut Vec<u8>) -> Result<(), Problem> {
    header(&Header { short: 0x80, short_below: 16, codes: [None, Some(0xde), Some(0xdf)] }, length, out)
}

pub(super) fn extension(number: i8, content: &[u8], out: &mut Vec<u8>) -> Result<(), Problem> {
    match content.len() {
        1 => out.push(0xd4),
        2 => out.push(0xd5),
        4 => out.push(0xd6),
        8 => out.push(0xd7),
        16 => out.push(0xd8),
        length => {
            header(
                &Header { short: 0, short_below: 0, codes: [Some(0xc7), Some(0xc8), Some(0xc9)] },
                length,
                out,
            )?;
        }
    }
    out.push(number.cast_unsigned());
    out.extend_from_slice(content);
    Ok(())
}

/// The codes of one kind of length.
struct Header {
    /// Holds the length itself while it is below the limit.
    short: u8,
    short_below: u8,
    /// For lengths of 8, 16 and 32 bits.
    codes: [Option<u8>; 3],
}

fn header(header: &Header, length: usize, out: &mut Vec<u8>) -> Result<(), Problem> {
    let [code_8, code_16, code_32] = header.codes;
    match (u8::try_from(length), code_8) {
        (Ok(length), _) if length < header.short_below => {
            out.push(header.short | length);
            return Ok(());
        }
        (Ok(length), Some(code)) => {
            prefixed(code, &[length], out);
            return Ok(());
        }
        _ => {}
    }
    if let (Ok(length), Some(code)) = (u16::try_from(length), code_16) {
        prefixed(code, &length.to_be_bytes(), out);
        return Ok(());
    }
    let (Ok(length), Some(code)) = (u32::try_from(length), code_32) else { return Err(Problem::TooLong) };
    prefixed(code, &length.to_be_bytes(), out);
    Ok(())
}

fn prefixed(code: u8, bytes: &[u8], out: &mut Vec<u8>) {
    out.push(code);
    out.extend_from_slice(bytes);
}
