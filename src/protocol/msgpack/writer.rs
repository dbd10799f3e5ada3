//! Writes MessagePack items, each in its shortest form. Knows nothing about Terraform's types.

use crate::protocol::codec_error::CodecErrorKind;
use crate::terraform::number::Number;

pub(super) fn write_bool(boolean: bool, out: &mut Vec<u8>) {
    out.push(if boolean { 0xc3 } else { 0xc2 });
}

/// Writes the first form that is exact: integer, float 64, decimal text.
///
/// An integer that would need the unsigned 64-bit form is written as text, as in go-cty.
pub(super) fn write_number(number: &Number, out: &mut Vec<u8>) -> Result<(), CodecErrorKind> {
    if let Some(integer) = number.as_i64() {
        match u64::try_from(integer) {
            Ok(natural) => write_unsigned(natural, out),
            Err(_) => write_negative(integer, out),
        }
        return Ok(());
    }
    if let Some(float) = number.as_exact_fraction() {
        write_prefixed(0xcb, &float.to_be_bytes(), out);
        return Ok(());
    }
    write_text(&number.to_string(), out)
}

pub(super) fn write_unsigned(integer: u64, out: &mut Vec<u8>) {
    if let Ok(byte) = u8::try_from(integer) {
        match byte {
            0..=0x7f => out.push(byte),
            _ => write_prefixed(0xcc, &[byte], out),
        }
    } else if let Ok(integer) = u16::try_from(integer) {
        write_prefixed(0xcd, &integer.to_be_bytes(), out);
    } else if let Ok(integer) = u32::try_from(integer) {
        write_prefixed(0xce, &integer.to_be_bytes(), out);
    } else {
        write_prefixed(0xcf, &integer.to_be_bytes(), out);
    }
}

fn write_negative(integer: i64, out: &mut Vec<u8>) {
    if let Ok(byte) = i8::try_from(integer) {
        match byte {
            -32..=-1 => out.push(byte.cast_unsigned()),
            _ => write_prefixed(0xd0, &byte.to_be_bytes(), out),
        }
    } else if let Ok(integer) = i16::try_from(integer) {
        write_prefixed(0xd1, &integer.to_be_bytes(), out);
    } else if let Ok(integer) = i32::try_from(integer) {
        write_prefixed(0xd2, &integer.to_be_bytes(), out);
    } else {
        write_prefixed(0xd3, &integer.to_be_bytes(), out);
    }
}

pub(super) fn write_text(text: &str, out: &mut Vec<u8>) -> Result<(), CodecErrorKind> {
    write_header(
        &Header { short: 0xa0, short_below: 32, codes: [Some(0xd9), Some(0xda), Some(0xdb)] },
        text.len(),
        out,
    )?;
    out.extend_from_slice(text.as_bytes());
    Ok(())
}

pub(super) fn write_bin(bytes: &[u8], out: &mut Vec<u8>) -> Result<(), CodecErrorKind> {
    write_header(
        &Header { short: 0, short_below: 0, codes: [Some(0xc4), Some(0xc5), Some(0xc6)] },
        bytes.len(),
        out,
    )?;
    out.extend_from_slice(bytes);
    Ok(())
}

pub(super) fn write_array_header(length: usize, out: &mut Vec<u8>) -> Result<(), CodecErrorKind> {
    write_header(&Header { short: 0x90, short_below: 16, codes: [None, Some(0xdc), Some(0xdd)] }, length, out)
}

pub(super) fn write_map_header(length: usize, out: &mut Vec<u8>) -> Result<(), CodecErrorKind> {
    write_header(&Header { short: 0x80, short_below: 16, codes: [None, Some(0xde), Some(0xdf)] }, length, out)
}

pub(super) fn write_extension(number: i8, content: &[u8], out: &mut Vec<u8>) -> Result<(), CodecErrorKind> {
    match content.len() {
        1 => out.push(0xd4),
        2 => out.push(0xd5),
        4 => out.push(0xd6),
        8 => out.push(0xd7),
        16 => out.push(0xd8),
        length => {
            write_header(
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

/// The codes for the lengths of one kind of item.
struct Header {
    /// The code that contains the length itself, for lengths below `short_below`.
    short: u8,
    short_below: u8,
    /// For lengths of 8, 16 and 32 bits.
    codes: [Option<u8>; 3],
}

fn write_header(header: &Header, length: usize, out: &mut Vec<u8>) -> Result<(), CodecErrorKind> {
    let [code_8, code_16, code_32] = header.codes;
    match (u8::try_from(length), code_8) {
        (Ok(length), _) if length < header.short_below => {
            out.push(header.short | length);
            return Ok(());
        }
        (Ok(length), Some(code)) => {
            write_prefixed(code, &[length], out);
            return Ok(());
        }
        _ => {}
    }
    if let (Ok(length), Some(code)) = (u16::try_from(length), code_16) {
        write_prefixed(code, &length.to_be_bytes(), out);
        return Ok(());
    }
    let (Ok(length), Some(code)) = (u32::try_from(length), code_32) else {
        return Err(CodecErrorKind::TooLong);
    };
    write_prefixed(code, &length.to_be_bytes(), out);
    Ok(())
}

fn write_prefixed(code: u8, bytes: &[u8], out: &mut Vec<u8>) {
    out.push(code);
    out.extend_from_slice(bytes);
}
