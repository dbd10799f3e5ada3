//! The handshake line, which announces the plugin's address to Terraform. Pure text; [`super`] writes it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use crate::plugin::listener::ListenAddress;

/// The version of go-plugin's core protocol.
const CORE_PROTOCOL: u8 = 1;
/// The major version of Terraform's plugin protocol.
const PROTOCOL_VERSION: u8 = 6;

/// Renders the line with its line feed:
///
/// ```text
/// 1|6|unix|/tmp/defender-x/s|grpc|MIIB…            (six fields)
/// 1|6|unix|/tmp/defender-x/s|grpc|MIIB…|false      (only for a client that requested multiplexing)
/// ```
///
/// The sixth field is the server's certificate: DER in standard base64 without padding, or empty without TLS.
/// Terraform before 1.9 would read a seventh field as part of the certificate.
pub fn render_line(
    address: &ListenAddress,
    certificate_der: Option<&[u8]>,
    requests_multiplexing: bool,
) -> String {
    let certificate = certificate_der.map(|der| STANDARD_NO_PAD.encode(der)).unwrap_or_default();
    let multiplexing = if requests_multiplexing { "|false" } else { "" };
    let (network, location) = (address.network, &address.location);
    format!("{CORE_PROTOCOL}|{PROTOCOL_VERSION}|{network}|{location}|grpc|{certificate}{multiplexing}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn socket() -> ListenAddress {
        ListenAddress { network: "unix", location: "/tmp/d/s".to_owned() }
    }

    #[test]
    fn an_absent_certificate_is_an_empty_field() {
        assert_eq!(render_line(&socket(), None, false), "1|6|unix|/tmp/d/s|grpc|\n");
    }

    #[test]
    fn the_certificate_is_standard_base64_without_padding() {
        // Four bytes would need padding, and these contain both characters that the URL alphabet replaces.
        let text = render_line(&socket(), Some(&[0xfb, 0xef, 0xff, 0xff]), false);
        assert_eq!(text, "1|6|unix|/tmp/d/s|grpc|++///w\n");
    }

    #[test]
    fn only_a_client_that_requests_multiplexing_gets_a_seventh_field() {
        assert_eq!(render_line(&socket(), None, true), "1|6|unix|/tmp/d/s|grpc||false\n");
    }
}
