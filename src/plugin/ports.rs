//! The choice of a TCP port, as Windows needs it. Free of any platform, so that it is tested everywhere; binding is
//! passed in.

use std::io;

use crate::plugin::error::Error;

/// The ports to try, both ends included. Without `PLUGIN_MIN_PORT` and `PLUGIN_MAX_PORT` it is port 0 alone: the
/// system chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PortRange {
    first: u16,
    last: u16,
}

impl PortRange {
    /// Reads the two variables. One that is missing counts as 0; a lower end above the upper one is an error.
    pub fn parse(min: Option<&str>, max: Option<&str>) -> Result<Self, Error> {
        let (min, max) = (min.unwrap_or("0"), max.unwrap_or("0"));
        match (min.trim().parse(), max.trim().parse()) {
            (Ok(first), Ok(last)) if first <= last => Ok(Self { first, last }),
            _ => Err(Error::PortRange { min: min.to_owned(), max: max.to_owned() }),
        }
    }

    /// Binds the first port that `bind` accepts. The error keeps what the last attempt said.
    pub fn bind_first_free<T>(&self, mut bind: impl FnMut(u16) -> io::Result<T>) -> Result<T, Error> {
        let mut failure = io::Error::from(io::ErrorKind::AddrInUse);
        for port in self.first..=self.last {
            match bind(port) {
                Ok(bound) => return Ok(bound),
                Err(error) => failure = error,
            }
        }
        Err(Error::NoFreePort { first: self.first, last: self.last, source: failure })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_variables_the_system_chooses() {
        assert_eq!(PortRange::parse(None, None).unwrap(), PortRange { first: 0, last: 0 });
    }

    #[test]
    fn a_lower_end_above_the_upper_one_fails_to_start() {
        let error = PortRange::parse(Some("25000"), Some("10000")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "PLUGIN_MIN_PORT \"25000\" and PLUGIN_MAX_PORT \"10000\" are not a range of ports"
        );
        assert!(PortRange::parse(Some("10000"), None).is_err());
        assert!(PortRange::parse(Some("70000"), Some("80000")).is_err());
        assert!(PortRange::parse(Some("a"), Some("b")).is_err());
    }

    #[test]
    fn the_first_free_port_is_taken_and_both_ends_count() {
        let range = PortRange::parse(Some("10000"), Some("10002")).unwrap();
        let mut tried = Vec::new();
        let bound = range.bind_first_free(|port| {
            tried.push(port);
            if port == 10002 { Ok(port) } else { Err(io::Error::from(io::ErrorKind::AddrInUse)) }
        });
        assert_eq!(bound.unwrap(), 10002);
        assert_eq!(tried, [10000, 10001, 10002]);
    }

    #[test]
    fn a_range_without_a_free_port_is_an_error_that_names_it() {
        let range = PortRange::parse(Some("10000"), Some("10001")).unwrap();
        let error =
            range.bind_first_free::<()>(|_| Err(io::Error::from(io::ErrorKind::AddrInUse))).unwrap_err();
        assert!(error.to_string().starts_with("no port of 127.0.0.1 from 10000 to 10001 is free"), "{error}");
    }
}
