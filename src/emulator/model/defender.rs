//! The properties of `windowsDefenderAdvancedThreatProtectionConfiguration`. Blobs are encrypted on arrival: a
//! read never returns what was written.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::{Map, Value, json};

use crate::emulator::member_reader::{Member, MemberReader, ShapeError};
use crate::emulator::odata::path::VersionRoot;

/// Graph's name of the type.
pub const TYPE_NAME: &str = "windowsDefenderAdvancedThreatProtectionConfiguration";

/// The members of a Defender policy beyond those of every policy.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DefenderSettings {
    allow_sample_sharing: bool,
    enable_expedited_telemetry_reporting: bool,
    auto_populate_onboarding_blob: bool,
    onboarding: BlobPackage,
    offboarding: BlobPackage,
}

/// A blob with its file name.
#[derive(Clone, Debug, Default, PartialEq)]
struct BlobPackage {
    blob: Option<SealedBlob>,
    filename: Option<String>,
}

/// The hash of a blob. The service keeps the blob encrypted for the devices and never returns it in plain text.
#[derive(Clone, Debug, PartialEq)]
struct SealedBlob(u64);

impl DefenderSettings {
    /// Reads the type's own members; absent members stay as they are. v1.0 has two of them.
    pub fn apply(&mut self, members: &mut MemberReader, version: VersionRoot) -> Result<(), ShapeError> {
        set_flag(members, "allowSampleSharing", &mut self.allow_sample_sharing)?;
        set_flag(
            members,
            "enableExpeditedTelemetryReporting",
            &mut self.enable_expedited_telemetry_reporting,
        )?;
        if version.is_beta() {
            let auto = "advancedThreatProtectionAutoPopulateOnboardingBlob";
            set_flag(members, auto, &mut self.auto_populate_onboarding_blob)?;
            self.onboarding.apply(members, "Onboarding")?;
            self.offboarding.apply(members, "Offboarding")?;
        }
        Ok(())
    }

    /// Whether the connector should create the onboarding blob and a client sent one, too; the service refuses
    /// that.
    pub fn has_two_onboarding_blobs(&self) -> bool {
        self.auto_populate_onboarding_blob && self.onboarding.blob.is_some()
    }

    /// Adds the members as a GET shows them.
    pub fn render(&self, members: &mut Map<String, Value>, version: VersionRoot) {
        let mut put = |name: &str, value: Value| members.insert(name.to_owned(), value);
        put("allowSampleSharing", json!(self.allow_sample_sharing));
        put("enableExpeditedTelemetryReporting", json!(self.enable_expedited_telemetry_reporting));
        if version.is_beta() {
            put(
                "advancedThreatProtectionAutoPopulateOnboardingBlob",
                json!(self.auto_populate_onboarding_blob),
            );
            self.onboarding.render(members, "Onboarding");
            self.offboarding.render(members, "Offboarding");
        }
    }
}

impl BlobPackage {
    fn apply(&mut self, members: &mut MemberReader, direction: &str) -> Result<(), ShapeError> {
        match members.text(&format!("advancedThreatProtection{direction}Blob"))? {
            Member::Absent => {}
            Member::Null => self.blob = None,
            Member::Value(blob) => self.blob = Some(SealedBlob::seal(&blob)),
        }
        members.text(&format!("advancedThreatProtection{direction}Filename"))?.set(&mut self.filename);
        Ok(())
    }

    fn render(&self, members: &mut Map<String, Value>, direction: &str) {
        let blob = self.blob.as_ref().map(SealedBlob::envelope);
        members.insert(format!("advancedThreatProtection{direction}Blob"), json!(blob));
        members.insert(format!("advancedThreatProtection{direction}Filename"), json!(self.filename));
    }
}

impl SealedBlob {
    fn seal(blob: &str) -> Self {
        let mut hasher = DefaultHasher::new();
        blob.hash(&mut hasher);
        Self(hasher.finish())
    }

    fn envelope(&self) -> String {
        format!(
            "<EncryptedMessage><EncryptedContent>{:016x}</EncryptedContent><RecipientCertThumbprints>\
             <string>0000000000000000000000000000000000000000</string></RecipientCertThumbprints></EncryptedMessage>",
            self.0
        )
    }
}

fn set_flag(members: &mut MemberReader, name: &str, flag: &mut bool) -> Result<(), ShapeError> {
    match members.boolean(name)? {
        Member::Absent => {}
        Member::Value(value) => *flag = value,
        Member::Null => {
            let text = format!("Property '{name}' of type 'Edm.Boolean' must not be null.");
            return Err(ShapeError::new(&members.place(name), text));
        }
    }
    Ok(())
}
