//! Microsoft's clouds: the root addresses of Graph and of the authority ("National cloud deployments", Microsoft Graph
//! documentation).

/// A Microsoft cloud.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cloud {
    /// The worldwide cloud, including GCC.
    Global,
    /// US government L4, GCC High.
    UsGovernment,
    /// US government L5, Department of Defense.
    Dod,
    /// China, operated by 21Vianet.
    China,
}

impl Cloud {
    /// Parses the names that azuread, the Azure SDKs and the Azure CLI use, ignoring case.
    pub fn from_name(name: &str) -> Option<Self> {
        match name.trim().to_ascii_lowercase().as_str() {
            "global" | "public" | "azurecloud" | "azurepubliccloud" => Some(Self::Global),
            "usgovernment" | "usgovernmentl4" | "azureusgovernment" | "azureusgovernmentcloud" => {
                Some(Self::UsGovernment)
            }
            "dod" | "usgovernmentl5" => Some(Self::Dod),
            "china" | "azurechinacloud" => Some(Self::China),
            _ => None,
        }
    }

    /// The root address of Graph, without the API version.
    pub fn graph(self) -> &'static str {
        match self {
            Self::Global => "https://graph.microsoft.com",
            Self::UsGovernment => "https://graph.microsoft.us",
            Self::Dod => "https://dod-graph.microsoft.us",
            Self::China => "https://microsoftgraph.chinacloudapi.cn",
        }
    }

    /// The root address of the authority, which issues tokens.
    pub fn authority(self) -> &'static str {
        match self {
            Self::Global => "https://login.microsoftonline.com",
            Self::UsGovernment | Self::Dod => "https://login.microsoftonline.us",
            Self::China => "https://login.chinacloudapi.cn",
        }
    }

    /// The scope of a token for Graph: all permissions that the identity was granted.
    pub fn scope(self) -> String {
        format!("{}/.default", self.graph())
    }
}
