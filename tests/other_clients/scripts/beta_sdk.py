"""Uses Microsoft's beta SDK: pages through policies, reads one with its assignments, assigns, patches, and sends a batch.
Prints what it saw as JSON.

Arguments: tenant id, client id, secret, policy id, then the ids of the groups to assign.
"""

import asyncio
import json
import sys

from azure.identity import ClientSecretCredential
from msgraph_beta import GraphServiceClient
from msgraph_beta.generated.device_management.device_configurations.item.assign.assign_post_request_body import (
    AssignPostRequestBody,
)
from msgraph_beta.generated.models.device_configuration_assignment import DeviceConfigurationAssignment
from msgraph_beta.generated.models.group_assignment_target import GroupAssignmentTarget
from msgraph_beta.generated.models.windows_defender_advanced_threat_protection_configuration import (
    WindowsDefenderAdvancedThreatProtectionConfiguration,
)
from msgraph_core.requests.batch_request_builder import BatchRequestBuilder
from msgraph_core.requests.batch_request_content import BatchRequestContent
from msgraph_core.requests.batch_request_item import BatchRequestItem
from msgraph_core.tasks import PageIterator

SCOPES = ["https://graph.microsoft.com/.default"]


def in_batch(request):
    """Requests of the generated builders know their address only once they are sent by themselves."""
    request.path_parameters["baseurl"] = "https://graph.microsoft.com/beta"
    return BatchRequestItem(request_information=request)


def groups_of(rows):
    return sorted(row.target.group_id for row in rows.value if isinstance(row.target, GroupAssignmentTarget))


async def main():
    tenant, client_id, secret, policy_id, *groups = sys.argv[1:]
    graph = GraphServiceClient(ClientSecretCredential(tenant, client_id, secret), SCOPES)
    policies = graph.device_management.device_configurations
    policy = policies.by_device_configuration_id(policy_id)
    seen = {}

    names = []
    pages = PageIterator(await policies.get(), graph.request_adapter)
    await pages.iterate(lambda each: names.append(each.display_name) or True)
    seen["paged"] = sorted(names)

    read = await policy.get()
    seen["read"] = [type(read).__name__, read.display_name]
    seen["before"] = groups_of(await policy.assignments.get())

    rows = [DeviceConfigurationAssignment(target=GroupAssignmentTarget(group_id=group)) for group in groups]
    seen["assigned"] = groups_of(await policy.assign.post(AssignPostRequestBody(assignments=rows)))

    change = WindowsDefenderAdvancedThreatProtectionConfiguration(description="Changed by the SDK")
    await policy.patch(change)
    seen["patched"] = (await policy.get()).description

    items = [in_batch(policy.to_get_request_information()), in_batch(policy.assignments.to_get_request_information())]
    batch = BatchRequestContent({item.id: item for item in items})
    answer = await BatchRequestBuilder(graph.request_adapter).post(batch)
    seen["batched"] = sorted(answer.get_response_status_codes().values())
    print(json.dumps(seen))


asyncio.run(main())
