//! Which service hands out the tokens of a managed identity: the address that was given, or what the host of this process
//! has put into its environment. Asks none of them.
//!
//! ```text
//! IDENTITY_ENDPOINT with IDENTITY_HEADER        App Service; with IDENTITY_SERVER_THUMBPRINT Service Fabric
//! IDENTITY_ENDPOINT with IMDS_ENDPOINT          Azure Arc
//! MSI_ENDPOINT                                  Cloud Shell; with MSI_SECRET Azure Machine Learning
//! nothing of it                                 a virtual machine
//! ```

use super::super::arguments as argument;
use super::super::inputs::{Input, Inputs};
use super::super::method::MetadataService;
use super::address;
use super::mistake::Mistake;
use super::reading::{self, Found};

const ENDPOINT: &str = "IDENTITY_ENDPOINT";
const HEADER: &str = "IDENTITY_HEADER";

/// The service, with the inputs that it was found by. The header of App Service never goes with an address that was
/// given by hand.
pub(super) fn service(inputs: &dyn Inputs) -> Result<Found<MetadataService>, Mistake> {
    let given = reading::one(inputs, argument::MSI_ENDPOINT);
    if !given.is_missing() {
        return given.check(argument::MSI_ENDPOINT, |text| {
            address::metadata(text.expose())?;
            Ok(MetadataService::At(text.expose().to_owned()))
        });
    }
    let there = |name| inputs.variable(name).is_some();
    let unsupported = |host| Ok(Found::There(MetadataService::Unsupported(host), Vec::new()));
    match (inputs.variable(ENDPOINT), inputs.variable(HEADER)) {
        (Some(_), Some(_)) if there("IDENTITY_SERVER_THUMBPRINT") => unsupported("Service Fabric"),
        (Some(endpoint), Some(header)) => app_service(&endpoint, &header),
        (Some(_), None) if there("IMDS_ENDPOINT") => unsupported("Azure Arc"),
        (None, _) if there("MSI_ENDPOINT") && there("MSI_SECRET") => unsupported("Azure Machine Learning"),
        (None, _) if there("MSI_ENDPOINT") => unsupported("Cloud Shell"),
        _ => Ok(Found::There(MetadataService::VirtualMachine, Vec::new())),
    }
}

fn app_service(endpoint: &Input, header: &Input) -> Result<Found<MetadataService>, Mistake> {
    let address = endpoint.text.expose().trim();
    let wrong = |fact| Mistake { argument: ENDPOINT, origin: endpoint.origin, fact };
    address::metadata(address).map_err(wrong)?;
    let service = MetadataService::AppService { address: address.to_owned(), header: header.text.clone() };
    Ok(Found::There(service, vec![(ENDPOINT, endpoint.origin), (HEADER, header.origin)]))
}
