//! Finds the service that issues the tokens of a managed identity: the configured address, or the one in the
//! environment that Azure provides. Sends nothing.
//!
//! ```text
//! IDENTITY_ENDPOINT with IDENTITY_HEADER        App Service; with IDENTITY_SERVER_THUMBPRINT Service Fabric
//! IDENTITY_ENDPOINT with IMDS_ENDPOINT          Azure Arc
//! MSI_ENDPOINT                                  Cloud Shell; with MSI_SECRET Azure Machine Learning
//! none of these                                 a virtual machine
//! ```

use super::super::arguments as argument;
use super::super::inputs::{Input, Inputs};
use super::super::method::MetadataService;
use super::address;
use super::configured::Configured;
use super::input_error::InputError;
use super::read_inputs::read_value;

const ENDPOINT: &str = "IDENTITY_ENDPOINT";
const HEADER: &str = "IDENTITY_HEADER";
/// The variable that Cloud Shell and Azure Machine Learning set. It is not the variable of the argument `msi_endpoint`,
/// which is `ARM_MSI_ENDPOINT`.
const MSI_ENDPOINT: &str = "MSI_ENDPOINT";

/// The service with its inputs. A configured address never receives the header of App Service.
pub(super) fn find_service(inputs: &dyn Inputs) -> Result<Configured<MetadataService>, InputError> {
    let endpoint = read_value(inputs, argument::MSI_ENDPOINT);
    if !endpoint.is_missing() {
        return endpoint.try_map(argument::MSI_ENDPOINT, |text| {
            address::check_metadata_address(text.expose())?;
            Ok(MetadataService::At(text.expose().to_owned()))
        });
    }
    let is_set = |name| inputs.variable(name).is_some();
    let unsupported = |host| Ok(Configured::Known(MetadataService::Unsupported(host), Vec::new()));
    match (inputs.variable(ENDPOINT), inputs.variable(HEADER)) {
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
        .map_err(|kind| InputError::at((ENDPOINT, endpoint.origin), kind))?;
    let service = MetadataService::AppService { address: address.to_owned(), header: header.text.clone() };
    Ok(Configured::Known(service, vec![(ENDPOINT, endpoint.origin), (HEADER, header.origin)]))
}
