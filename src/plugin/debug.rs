//! The instructions of debug mode: how to make Terraform use a running process. The other differences of debug mode
//! (no cookie, no TLS, no end with the client) follow from [`super::mode::Mode`].

use serde_json::json;

use crate::plugin::listener::ListenAddress;

/// Renders the instructions, with the value of `TF_REATTACH_PROVIDERS` quoted for the common shells.
pub fn instructions(provider_address: &str, process_id: u32, address: &ListenAddress) -> String {
    let value = reattach_value(provider_address, process_id, address);
    format!(
        "The provider is running in debug mode. To use it, set this variable in the shell where you run Terraform\n\
         or OpenTofu. The process serves any number of commands until you press Ctrl-C here.\n\
         \n\
         \x20   export TF_REATTACH_PROVIDERS='{posix}'\n\
         \n\
         Windows command prompt:\n\
         \n\
         \x20   set \"TF_REATTACH_PROVIDERS={value}\"\n\
         \n\
         PowerShell:\n\
         \n\
         \x20   $env:TF_REATTACH_PROVIDERS='{powershell}'\n\
         \n",
        // The path of a temporary directory may contain a quote.
        posix = value.replace('\'', r"'\''"),
        powershell = value.replace('\'', "''"),
    )
}

/// The value of `TF_REATTACH_PROVIDERS`:
///
/// ```text
/// {"NAMESPACE/TYPE": {"Protocol": "grpc", "ProtocolVersion": 6, "Pid": 1, "Test": true,
///                     "Addr": {"Network": "unix", "String": "/tmp/…"}}}
/// ```
///
/// `Test` prevents Terraform from ending the process after its first command. The short address works in Terraform
/// and in OpenTofu, because each adds the host of its own registry.
fn reattach_value(provider_address: &str, process_id: u32, address: &ListenAddress) -> String {
    json!({
        provider_address: {
            "Protocol": "grpc",
            "ProtocolVersion": 6,
            "Pid": process_id,
            "Test": true,
            "Addr": { "Network": address.network, "String": address.location },
        }
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn socket(path: &str) -> ListenAddress {
        ListenAddress { network: "unix", location: path.to_owned() }
    }

    #[test]
    fn the_value_has_process_id_and_socket() {
        let value: serde_json::Value =
            serde_json::from_str(&reattach_value("defender-atp/defender", 42, &socket("/tmp/d/s"))).unwrap();
        let expected = json!({"defender-atp/defender": {
            "Protocol": "grpc", "ProtocolVersion": 6, "Pid": 42, "Test": true,
            "Addr": {"Network": "unix", "String": "/tmp/d/s"},
        }});
        assert_eq!(value, expected);
    }

    #[test]
    fn each_shell_has_its_own_syntax_and_quoting() {
        let text = instructions("defender-atp/defender", 42, &socket("/tmp/it's/s"));
        assert!(text.contains("export TF_REATTACH_PROVIDERS='{\"defender-atp/defender\""), "{text}");
        assert!(text.contains(r"/tmp/it'\''s/s"), "{text}");
        assert!(text.contains("set \"TF_REATTACH_PROVIDERS={"), "{text}");
        assert!(text.contains("$env:TF_REATTACH_PROVIDERS='{"), "{text}");
        assert!(text.contains("/tmp/it''s/s"), "{text}");
    }
}
