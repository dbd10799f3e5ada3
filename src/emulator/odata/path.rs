//! Graph addresses: the version root and the segments below it. Both forms of a key give the same segments. Does
//! not decide which addresses exist.

use std::fmt;

use percent_encoding::percent_decode_str;

/// A version root of Graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VersionRoot {
    /// `v1.0`
    V1,
    /// `beta`
    Beta,
}

impl VersionRoot {
    /// Whether it is beta, with its additional members and addresses.
    pub fn is_beta(self) -> bool {
        self == Self::Beta
    }
}

impl fmt::Display for VersionRoot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V1 => "v1.0",
            Self::Beta => "beta",
        })
    }
}

/// Why a path is not a Graph address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ODataAddressError {
    /// The first segment is not a version root.
    UnknownVersion(String),
    /// This segment is not UTF-8 once it is decoded.
    NotUtf8(String),
    /// A segment, or a key in one, is empty.
    EmptySegment,
}

/// A path in decoded segments. `deviceConfigurations('x')` and `deviceConfigurations/x` give the same two
/// segments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ODataAddress {
    /// The version root.
    pub version: VersionRoot,
    /// The names and keys below it, in their order.
    pub parts: Vec<String>,
}

impl ODataAddress {
    /// Reads a path as sent, such as `/beta/deviceManagement/deviceConfigurations('…')/assign`.
    pub fn parse(path: &str) -> Result<Self, ODataAddressError> {
        let mut segments = path.strip_prefix('/').unwrap_or(path).split('/');
        let version = match segments.next().unwrap_or_default() {
            "v1.0" => VersionRoot::V1,
            "beta" => VersionRoot::Beta,
            other => return Err(ODataAddressError::UnknownVersion(other.to_owned())),
        };
        let mut segments: Vec<&str> = segments.collect();
        // The front end ignores a doubled slash after the version: msgraph-beta-sdk for Python sends it in every
        // request.
        if segments.len() > 1 && segments.first().is_some_and(|first| first.is_empty()) {
            segments.remove(0);
        }
        // A trailing slash is ignored; an empty segment elsewhere is a missing id.
        if segments.last().is_some_and(|last| last.is_empty()) {
            segments.pop();
        }
        let mut parts = Vec::with_capacity(segments.len() + 1);
        for segment in segments {
            push_segment(segment, &mut parts)?;
        }
        Ok(Self { version, parts })
    }

    /// A path outside of Graph, for test faults, which match any path.
    pub fn outside_graph(path: &str) -> Self {
        let parts = path.split('/').skip(1).map(str::to_owned).collect();
        Self { version: VersionRoot::V1, parts }
    }

    /// The segments as slices, for matching.
    pub fn as_strs(&self) -> Vec<&str> {
        self.parts.iter().map(String::as_str).collect()
    }

    /// How Intune's router describes the address: `~/singleton/navigation/key/…`.
    pub fn route_template(&self) -> String {
        const KINDS: [&str; 4] = ["singleton", "navigation", "key", "navigation"];
        let kinds = self.parts.iter().enumerate().map(|(index, part)| match KINDS.get(index) {
            _ if part.ends_with("assign") && index == 3 => "action",
            Some(kind) => kind,
            None if index % 2 == 0 => "key",
            None => "navigation",
        });
        std::iter::once("~").chain(kinds).collect::<Vec<_>>().join("/")
    }

    /// The path of the Intune service behind Graph, which appears in error texts.
    pub fn service_path(&self) -> String {
        let mut path = "/DeviceConfiguration_2611/StatelessDeviceConfigurationFEService".to_owned();
        for (index, part) in self.parts.iter().enumerate() {
            let piece = match index {
                index if index >= 2 && index % 2 == 0 => format!("('{part}')"),
                3 if part.ends_with("assign") => "/microsoft.management.services.api.assign".to_owned(),
                _ => format!("/{part}"),
            };
            path.push_str(&piece);
        }
        path
    }
}

fn push_segment(segment: &str, parts: &mut Vec<String>) -> Result<(), ODataAddressError> {
    let decoded = percent_decode_str(segment)
        .decode_utf8()
        .map_err(|_| ODataAddressError::NotUtf8(segment.to_owned()))?;
    let pieces = match split_key(&decoded) {
        Some((name, key)) => vec![name.to_owned(), key],
        None => vec![decoded.into_owned()],
    };
    if pieces.iter().any(String::is_empty) {
        return Err(ODataAddressError::EmptySegment);
    }
    parts.extend(pieces);
    Ok(())
}

/// `name('key')`; a quote inside the key is doubled.
fn split_key(segment: &str) -> Option<(&str, String)> {
    let (name, key) = segment.strip_suffix("')")?.split_once("('")?;
    Some((name, key.replace("''", "'")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_key_forms_give_the_same_parts() {
        let slash = ODataAddress::parse("/beta/deviceManagement/deviceConfigurations/a-b/assign").unwrap();
        for path in [
            "/beta/deviceManagement/deviceConfigurations('a-b')/assign",
            "/beta/deviceManagement/deviceConfigurations(%27a-b%27)/assign",
            "/beta/deviceManagement/deviceConfigurations/a%2Db/assign/",
            "/beta//deviceManagement/deviceConfigurations/a-b/assign",
        ] {
            assert_eq!(ODataAddress::parse(path).unwrap(), slash, "{path}");
        }
    }

    #[test]
    fn an_encoded_slash_stays_inside_its_part() {
        let address = ODataAddress::parse("/v1.0/groups/a%2Fb").unwrap();
        assert_eq!(address.parts, ["groups", "a/b"]);
    }

    #[test]
    fn empty_segments_and_unknown_versions_are_refused() {
        for path in
            ["/beta/deviceManagement/deviceConfigurations//assign", "/beta/groups('')", "/groups", "/"]
        {
            assert!(ODataAddress::parse(path).is_err(), "{path}");
        }
    }

    #[test]
    fn error_texts_show_the_address_of_the_inner_service() {
        let address =
            ODataAddress::parse("/beta/deviceManagement/deviceConfigurations/x/microsoft.graph.assign")
                .unwrap();
        assert_eq!(address.route_template(), "~/singleton/navigation/key/action");
        assert!(address.service_path().ends_with(
            "/deviceManagement/deviceConfigurations('x')/microsoft.management.services.api.assign"
        ));
    }
}
