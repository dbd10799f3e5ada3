//! Finds the service that issues the tokens of a managed identity: the service at the configured address, or the
//! service that Azure's environment variables indicate. Sends nothing.
//!
//! ```text
//! IDENTITY_ENDPOINT, IDENTITY_HEADER, IDENTITY_SERVER_THUMBPRINT    Service Fabric (not supported)
//! IDENTITY_ENDPOINT, IDENTITY_HEADER                                App Service
//! IDENTITY_ENDPOINT, IMDS_ENDPOINT                                  Azure Arc (not supported)
//! MSI_ENDPOINT, MSI_SECRET                                          Azure Machine Learning (not supported)
//! MSI_ENDPOINT                                                      Cloud Shell (not supported)
//! none of these                                                     virtual machine
//! ```

use super::super::arguments as argument;
use super::super::inputs::{Input, Inputs};
use super::super::method::MetadataService;
use super::address;
use super::configured::Configured;
use super::input_error::InputError;
use super::read_inputs::read_value;

const IDENTITY_ENDPOINT: &str = "IDENTITY_ENDPOINT";
const IDENTITY_HEADER: &str = "IDENTITY_HEADER";
/// The variable that Cloud Shell and Azure Machine Learning set. It is not the variable of the argument `msi_endpoint`,
/// which is `ARM_MSI_ENDPOINT`.
const MSI_ENDPOINT: &str = "MSI_ENDPOINT";

/// Finds the service and the inputs that determine it. The header of App Service is never sent to a configured address.
pub(super) fn find_service(inputs: &dyn Inputs) -> Result<Configured<MetadataService>, InputError> {
    let address = read_value(inputs, argument::MSI_ENDPOINT);
    if !address.is_missing() {
        return address.try_map(argument::MSI_ENDPOINT, |text| {
            address::check_metadata_address(text.expose())?;
            Ok(MetadataService::At(text.expose().to_owned()))
        });
    }
    let is_set = |name| inputs.variable(name).is_some();
    let unsupported = |name| Ok(Configured::Known(MetadataService::Unsupported(name), Vec::new()));
    match (inputs.variable(IDENTITY_ENDPOINT), inputs.variable(IDENTITY_HEADER)) {
        (Some(_), Some(_)) if is_set("IDENTITY_SERVER_THUMBPRINT") => unsupported("Service Fabric"),
        (Some(endpoint), Some(header)) => app_service(&endpoint, &header),
        (Some(_), None) if is_set("IMDS_ENDPOINT") => unsupported("Azure Arc"),
        (None, _) if is_set(MSI_ENDPOINT) && is_set("MSI_SECRET") => unsupported("Azure Machine Learning"),
        (None, _) if is_set(MSI_ENDPOINT) => unsupported("Cloud Shell"),
        _ => Ok(Configured::Known(MetadataService::VirtualMachine, Vec::new())),
    }
}

fn app_service(endpoint: &Input, header: &Input) -> Result<Configured<MetadataService>, InputError> {
    let address = endpoint.text.expose().trim();
    address::check_metadata_address(address)
        .map_err(|kind| InputError::at((IDENTITY_ENDPOINT, endpoint.origin), kind))?;
    let service = MetadataService::AppService { address: address.to_owned(), header: header.text.clone() };
    let sources = vec![(IDENTITY_ENDPOINT, endpoint.origin), (IDENTITY_HEADER, header.origin)];
    Ok(Configured::Known(service, sources))
}
