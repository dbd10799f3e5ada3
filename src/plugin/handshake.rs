//! The handshake line: how Terraform learns where the plugin listens. Pure text; [`super`] writes it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use crate::plugin::listener::Address;

/// go-plugin's core protocol, and the major version of Terraform's protocol.
const CORE_PROTOCOL: u8 = 1;
const PROTOCOL_VERSION: u8 = 6;

/// The line with its line feed:
///
/// ```text
/// 1|6|unix|/tmp/defender-x/s|grpc|MIIB…            (six fields)
/// 1|6|unix|/tmp/defender-x/s|grpc|MIIB…|false      (only for a client that asked about multiplexing)
/// ```
///
/// The sixth field is the DER of our certificate in standard base64 without padding, or empty without TLS. A seventh
/// field would be taken for a part of the certificate by Terraform before 1.9.
pub fn line(address: &Address, certificate_der: Option<&[u8]>, asked_for_multiplexing: bool) -> String {
    let certificate = certificate_der.map(|der| STANDARD_NO_PAD.encode(der)).unwrap_or_default();
    let multiplexing = if asked_for_multiplexing { "|false" } else { "" };
    let (network, location) = (address.network, &address.location);
    format!("{CORE_PROTOCOL}|{PROTOCOL_VERSION}|{network}|{location}|grpc|{certificate}{multiplexing}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn socket() -> Address {
        Address { network: "unix", location: "/tmp/d/s".to_owned() }
    }

    #[test]
    fn the_separator_stays_when_there_is_no_certificate() {
        assert_eq!(line(&socket(), None, false), "1|6|unix|/tmp/d/s|grpc|\n");
    }

    #[test]
    fn the_certificate_is_standard_base64_without_padding() {
        // Four bytes would end in "==" and hold both characters that the URL alphabet replaces.
        let text = line(&socket(), Some(&[0xfb, 0xef, 0xff, 0xff]), false);
        assert_eq!(text, "1|6|unix|/tmp/d/s|grpc|++///w\n");
    }

    #[test]
    fn a_seventh_field_answers_only_a_client_that_asked() {
        assert_eq!(line(&socket(), None, true), "1|6|unix|/tmp/d/s|grpc||false\n");
    }
}
