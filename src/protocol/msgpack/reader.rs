//! Reads MessagePack items from untrusted bytes. Knows nothing about Terraform's types.

use crate::protocol::codec_error::{CodecErrorKind, MAX_DEPTH};
use crate::terraform::number::Number;

/// A cursor over the bytes that are not yet read.
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    /// The code of the next item, without consuming it.
    pub(super) fn peek(&self) -> Result<u8, CodecErrorKind> {
        self.rest.first().copied().ok_or(CodecErrorKind::Truncated)
    }

    pub(super) fn read_bool(&mut self) -> Result<bool, CodecErrorKind> {
        match self.read_code()? {
            0xc2 => Ok(false),
            0xc3 => Ok(true),
            code => Err(type_mismatch("bool", code)),
        }
    }

    /// Reads a signed or unsigned integer of up to 64 bits.
    pub(super) fn read_integer(&mut self) -> Result<Number, CodecErrorKind> {
        Ok(Number::Int(match self.read_code()? {
            code @ 0x00..=0x7f => i64::from(code),
            code @ 0xe0..=0xff => i64::from(code.cast_signed()),
            0xcc => i64::from(self.read_code()?),
            0xcd => i64::from(u16::from_be_bytes(self.read_fixed()?)),
            0xce => i64::from(u32::from_be_bytes(self.read_fixed()?)),
            0xcf => return Ok(Number::from(u64::from_be_bytes(self.read_fixed()?))),
            0xd0 => i64::from(i8::from_be_bytes(self.read_fixed()?)),
            0xd1 => i64::from(i16::from_be_bytes(self.read_fixed()?)),
            0xd2 => i64::from(i32::from_be_bytes(self.read_fixed()?)),
            0xd3 => i64::from_be_bytes(self.read_fixed()?),
            code => return Err(type_mismatch("an integer", code)),
        }))
    }

    /// Reads an integer, a float or decimal text.
    pub(super) fn read_number(&mut self) -> Result<Number, CodecErrorKind> {
        match self.peek()? {
            0xca => {
                self.read_code()?;
                parse_float(f64::from(f32::from_be_bytes(self.read_fixed()?)))
            }
            0xcb => {
                self.read_code()?;
                parse_float(f64::from_be_bytes(self.read_fixed()?))
            }
            0xa0..=0xbf | 0xc4..=0xc6 | 0xd9..=0xdb => Ok(self.read_text()?.parse()?),
            0x00..=0x7f | 0xcc..=0xd3 | 0xe0..=0xff => self.read_integer(),
            code => Err(type_mismatch("number", code)),
        }
    }

    pub(super) fn read_text(&mut self) -> Result<&'a str, CodecErrorKind> {
        std::str::from_utf8(self.read_bytes()?).map_err(|_| CodecErrorKind::NotUtf8)
    }

    /// Reads the content of a str or bin.
    pub(super) fn read_bytes(&mut self) -> Result<&'a [u8], CodecErrorKind> {
        let length = match self.read_code()? {
            code @ 0xa0..=0xbf => usize::from(code & 0x1f),
            0xc4 | 0xd9 => self.read_length_8()?,
            0xc5 | 0xda => self.read_length_16()?,
            0xc6 | 0xdb => self.read_length_32()?,
            code => return Err(type_mismatch("string", code)),
        };
        self.advance(length)
    }

    /// Reads the number of elements that follow. It never exceeds what the remaining bytes can hold.
    pub(super) fn read_array_header(&mut self) -> Result<usize, CodecErrorKind> {
        let length = match self.read_code()? {
            code @ 0x90..=0x9f => usize::from(code & 0x0f),
            0xdc => self.read_length_16()?,
            0xdd => self.read_length_32()?,
            code => return Err(type_mismatch("an array", code)),
        };
        if length > self.rest.len() { Err(CodecErrorKind::Truncated) } else { Ok(length) }
    }

    /// Reads the number of pairs that follow. It never exceeds what the remaining bytes can hold.
    pub(super) fn read_map_header(&mut self) -> Result<usize, CodecErrorKind> {
        let length = match self.read_code()? {
            code @ 0x80..=0x8f => usize::from(code & 0x0f),
            0xde => self.read_length_16()?,
            0xdf => self.read_length_32()?,
            code => return Err(type_mismatch("a map", code)),
        };
        if length > self.rest.len() / 2 { Err(CodecErrorKind::Truncated) } else { Ok(length) }
    }

    /// Reads the type number and the content of an extension.
    pub(super) fn read_extension(&mut self) -> Result<(i8, &'a [u8]), CodecErrorKind> {
        let length = match self.read_code()? {
            0xc7 => self.read_length_8()?,
            0xc8 => self.read_length_16()?,
            0xc9 => self.read_length_32()?,
            code @ 0xd4..=0xd8 => 1 << (code - 0xd4),
            code => return Err(type_mismatch("an extension", code)),
        };
        let number = i8::from_be_bytes(self.read_fixed()?);
        Ok((number, self.advance(length)?))
    }

    /// Skips one item of any kind. `level` is its nesting depth, counted from one.
    pub(super) fn skip(&mut self, level: usize) -> Result<(), CodecErrorKind> {
        if level > MAX_DEPTH {
            return Err(CodecErrorKind::TooDeep);
        }
        let items = match self.peek()? {
            0xc0 | 0xc2 | 0xc3 => return self.read_code().map(drop),
            0x00..=0x7f | 0xca..=0xd3 | 0xe0..=0xff => return self.skip_number(),
            0xa0..=0xbf | 0xc4..=0xc6 | 0xd9..=0xdb => return self.read_bytes().map(drop),
            0x90..=0x9f | 0xdc | 0xdd => self.read_array_header()?,
            0x80..=0x8f | 0xde | 0xdf => 2 * self.read_map_header()?,
            _ => return self.read_extension().map(drop),
        };
        (0..items).try_for_each(|_| self.skip(level + 1))
    }

    /// Unlike [`Self::read_number`], accepts NaN.
    fn skip_number(&mut self) -> Result<(), CodecErrorKind> {
        let length = match self.read_code()? {
            0xcc | 0xd0 => 1,
            0xcd | 0xd1 => 2,
            0xca | 0xce | 0xd2 => 4,
            0xcb | 0xcf | 0xd3 => 8,
            _ => 0,
        };
        self.advance(length).map(drop)
    }

    fn read_code(&mut self) -> Result<u8, CodecErrorKind> {
        let (code, rest) = self.rest.split_first().ok_or(CodecErrorKind::Truncated)?;
        self.rest = rest;
        Ok(*code)
    }

    fn advance(&mut self, length: usize) -> Result<&'a [u8], CodecErrorKind> {
        let (bytes, rest) = self.rest.split_at_checked(length).ok_or(CodecErrorKind::Truncated)?;
        self.rest = rest;
        Ok(bytes)
    }

    fn read_fixed<const N: usize>(&mut self) -> Result<[u8; N], CodecErrorKind> {
        let (bytes, rest) = self.rest.split_first_chunk().ok_or(CodecErrorKind::Truncated)?;
        self.rest = rest;
        Ok(*bytes)
    }

    fn read_length_8(&mut self) -> Result<usize, CodecErrorKind> {
        self.read_code().map(usize::from)
    }

    fn read_length_16(&mut self) -> Result<usize, CodecErrorKind> {
        Ok(usize::from(u16::from_be_bytes(self.read_fixed()?)))
    }

    fn read_length_32(&mut self) -> Result<usize, CodecErrorKind> {
        usize::try_from(u32::from_be_bytes(self.read_fixed()?)).map_err(|_| CodecErrorKind::Truncated)
    }
}

fn parse_float(float: f64) -> Result<Number, CodecErrorKind> {
    Number::from_f64(float).ok_or(CodecErrorKind::NotANumber)
}

fn type_mismatch(expected: &'static str, code: u8) -> CodecErrorKind {
    let found = match code {
        0xc0 => "null",
        0xc1 => "a code that MessagePack does not use",
        0xc2 | 0xc3 => "a bool",
        0x00..=0x7f | 0xca..=0xd3 | 0xe0..=0xff => "a number",
        0xa0..=0xbf | 0xc4..=0xc6 | 0xd9..=0xdb => "text",
        0x90..=0x9f | 0xdc | 0xdd => "an array",
        0x80..=0x8f | 0xde | 0xdf => "a map",
        0xc7..=0xc9 | 0xd4..=0xd8 => "an unknown",
    };
    CodecErrorKind::TypeMismatch { expected, found }
}
