//! The choice of a TCP port, for Windows. Independent of the platform, so that its tests run everywhere; the caller
//! passes in the bind operation.

use std::io;

use crate::plugin::error::Error;

/// An inclusive range of ports. Without `PLUGIN_MIN_PORT` and `PLUGIN_MAX_PORT` it is port 0: the system chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PortRange {
    first: u16,
    last: u16,
}

impl PortRange {
    /// Parses the two variables. One that is unset counts as 0. A minimum above the maximum is an error.
    pub fn parse(min: Option<&str>, max: Option<&str>) -> Result<Self, Error> {
        let (min, max) = (min.unwrap_or("0"), max.unwrap_or("0"));
        match (min.trim().parse(), max.trim().parse()) {
            (Ok(first), Ok(last)) if first <= last => Ok(Self { first, last }),
            _ => Err(Error::PortRange { min: min.to_owned(), max: max.to_owned() }),
        }
    }

    /// Returns the result for the first port that `bind` accepts, or the error of the last attempt.
    pub fn bind_first_free<T>(&self, mut bind: impl FnMut(u16) -> io::Result<T>) -> Result<T, Error> {
        let mut last_error = io::Error::from(io::ErrorKind::AddrInUse);
        for port in self.first..=self.last {
            match bind(port) {
                Ok(bound) => return Ok(bound),
                Err(error) => last_error = error,
            }
        }
        Err(Error::NoFreePort { first: self.first, last: self.last, source: last_error })
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
    fn a_minimum_above_the_maximum_is_an_error() {
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
    fn the_first_free_port_of_the_inclusive_range_is_bound() {
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
    fn a_range_without_a_free_port_is_an_error() {
        let range = PortRange::parse(Some("10000"), Some("10001")).unwrap();
        let error =
            range.bind_first_free::<()>(|_| Err(io::Error::from(io::ErrorKind::AddrInUse))).unwrap_err();
        assert!(error.to_string().starts_with("no port of 127.0.0.1 from 10000 to 10001 is free"), "{error}");
    }
}
