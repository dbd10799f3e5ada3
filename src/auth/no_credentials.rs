//! The advice for a configuration without credentials. Names only the usual arguments and variables; the guides list
//! all of them.

/// The text after "Next:" in a message, in whole sentences.
pub const HOW_TO_CONFIGURE: &str = "set tenant_id and client_id (or ARM_TENANT_ID and ARM_CLIENT_ID), and one of \
                                    client_secret (ARM_CLIENT_SECRET), client_certificate_path \
                                    (ARM_CLIENT_CERTIFICATE_PATH) or use_oidc (ARM_USE_OIDC). On an Azure machine \
                                    with a managed identity, use_msi (ARM_USE_MSI) is enough. To try the provider \
                                    offline, start the emulator and set DEFENDER_GRAPH_ENDPOINT=http://127.0.0.1:8400 \
                                    and DEFENDER_ACCESS_TOKEN=offline-token.";
