//! MessagePack's own forms, read from bytes nobody has checked. Knows nothing of Terraform's types.

use crate::protocol::codec_error::{MAX_DEPTH, Problem};
use crate::terraform::number::Number;

/// The bytes that are still to be read.
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

    /// The code of the next item, left in place.
    pub(super) fn peek(&self) -> Result<u8, Problem> {
        self.rest.first().copied().ok_or(Problem::Truncated)
    }

    pub(super) fn bool(&mut self) -> Result<bool, Problem> {
        match self.code()? {
            0xc2 => Ok(false),
            0xc3 => Ok(true),
            code => Err(misfit("bool", code)),
        }
    }

    /// Any integer within 64 bits, signed or not.
    pub(super) fn integer(&mut self) -> Result<Number, Problem> {
        Ok(Number::Int(match self.code()? {
            code @ 0x00..=0x7f => i64::from(code),
            code @ 0xe0..=0xff => i64::from(code.cast_signed()),
            0xcc => i64::from(self.code()?),
            0xcd => i64::from(u16::from_be_bytes(self.fixed()?)),
            0xce => i64::from(u32::from_be_bytes(self.fixed()?)),
            0xcf => return Ok(Number::from(u64::from_be_bytes(self.fixed()?))),
            0xd0 => i64::from(i8::from_be_bytes(self.fixed()?)),
            0xd1 => i64::from(i16::from_be_bytes(self.fixed()?)),
            0xd2 => i64::from(i32::from_be_bytes(self.fixed()?)),
            0xd3 => i64::from_be_bytes(self.fixed()?),
            code => return Err(misfit("an integer", code)),
        }))
    }

    /// An integer, a float or decimal text.
    pub(super) fn number(&mut self) -> Result<Number, Problem> {
        match self.peek()? {
            0xca => {
                self.code()?;
                float(f64::from(f32::from_be_bytes(self.fixed()?)))
            }
            0xcb => {
                self.code()?;
                float(f64::from_be_bytes(self.fixed()?))
            }
            0xa0..=0xbf | 0xc4..=0xc6 | 0xd9..=0xdb => Ok(self.text()?.parse()?),
            0x00..=0x7f | 0xcc..=0xd3 | 0xe0..=0xff => self.integer(),
            code => Err(misfit("number", code)),
        }
    }

    pub(super) fn text(&mut self) -> Result<&'a str, Problem> {
        std::str::from_utf8(self.bytes()?).map_err(|_| Problem::NotUtf8)
    }

    /// The content of a str or a bin.
    pub(super) fn bytes(&mut self) -> Result<&'a [u8], Problem> {
        let length = match self.code()? {
            code @ 0xa0..=0xbf => usize::from(code & 0x1f),
            0xc4 | 0xd9 => self.length_8()?,
            0xc5 | 0xda => self.length_16()?,
            0xc6 | 0xdb => self.length_32()?,
            code => return Err(misfit("string", code)),
        };
        self.take(length)
    }

    /// How many elements follow; never more than there are bytes for.
    pub(super) fn array_header(&mut self) -> Result<usize, Problem> {
        let length = match self.code()? {
            code @ 0x90..=0x9f => usize::from(code & 0x0f),
            0xdc => self.length_16()?,
            0xdd => self.length_32()?,
            code => return Err(misfit("an array", code)),
        };
        if length > self.rest.len() { Err(Problem::Truncated) } else { Ok(length) }
    }

    /// How many pairs follow; never more than there are bytes for.
    pub(super) fn map_header(&mut self) -> Result<usize, Problem> {
        let length = match self.code()? {
            code @ 0x80..=0x8f => usize::from(code & 0x0f),
            0xde => self.length_16()?,
            0xdf => self.length_32()?,
            code => return Err(misfit("a map", code)),
        };
        if length > self.rest.len() / 2 { Err(Problem::Truncated) } else { Ok(length) }
    }

    /// The type number and the content of an extension.
    pub(super) fn extension(&mut self) -> Result<(i8, &'a [u8]), Problem> {
        let length = match self.code()? {
            0xc7 => self.length_8()?,
            0xc8 => self.length_16()?,
            0xc9 => self.length_32()?,
            code @ 0xd4..=0xd8 => 1 << (code - 0xd4),
            code => return Err(misfit("an extension", code)),
        };
        let number = i8::from_be_bytes(self.fixed()?);
        Ok((number, self.take(length)?))
    }

    /// Steps over one item, whatever it is; `level` is the depth at which it stands.
    pub(super) fn skip(&mut self, level: usize) -> Result<(), Problem> {
        if level > MAX_DEPTH {
            return Err(Problem::TooDeep);
        }
        let items = match self.peek()? {
            0xc0 | 0xc2 | 0xc3 => return self.code().map(drop),
            0x00..=0x7f | 0xca..=0xd3 | 0xe0..=0xff => return self.number_of_any_kind(),
            0xa0..=0xbf | 0xc4..=0xc6 | 0xd9..=0xdb => return self.bytes().map(drop),
            0x90..=0x9f | 0xdc | 0xdd => self.array_header()?,
            0x80..=0x8f | 0xde | 0xdf => 2 * self.map_header()?,
            _ => return self.extension().map(drop),
        };
        (0..items).try_for_each(|_| self.skip(level + 1))
    }

    /// Unlike [`Self::number`] lets NaN pass.
    fn number_of_any_kind(&mut self) -> Result<(), Problem> {
        let length = match self.code()? {
            0xcc | 0xd0 => 1,
            0xcd | 0xd1 => 2,
            0xca | 0xce | 0xd2 => 4,
            0xcb | 0xcf | 0xd3 => 8,
            _ => 0,
        };
        self.take(length).map(drop)
    }

    fn code(&mut self) -> Result<u8, Problem> {
        let (code, rest) = self.rest.split_first().ok_or(Problem::Truncated)?;
        self.rest = rest;
        Ok(*code)
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], Problem> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(Problem::Truncated)?;
        self.rest = rest;
        Ok(taken)
    }

    fn fixed<const N: usize>(&mut self) -> Result<[u8; N], Problem> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or(Problem::Truncated)?;
        self.rest = rest;
        Ok(*taken)
    }

    fn length_8(&mut self) -> Result<usize, Problem> {
        self.code().map(usize::from)
    }

    fn length_16(&mut self) -> Result<usize, Problem> {
        Ok(usize::from(u16::from_be_bytes(self.fixed()?)))
    }

    fn length_32(&mut self) -> Result<usize, Problem> {
        usize::try_from(u32::from_be_bytes(self.fixed()?)).map_err(|_| Problem::Truncated)
    }
}

fn float(float: f64) -> Result<Number, Problem> {
    Number::from_f64(float).ok_or(Problem::NotANumber)
}

fn misfit(expected: &'static str, code: u8) -> Problem {
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
    Problem::Misfit { expected, found }
}
