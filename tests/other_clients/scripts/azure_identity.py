"""Signs in with a secret and with a certificate. Prints the claims of both tokens as JSON.

Arguments: tenant id, client id, secret, file with certificate and key (PEM).
"""

import base64
import json
import sys

from azure.identity import CertificateCredential, ClientSecretCredential

SCOPE = "https://graph.microsoft.com/.default"


def claims(credential):
    payload = credential.get_token(SCOPE).token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


tenant, client, secret, certificate = sys.argv[1:]
print(
    json.dumps(
        [
            claims(ClientSecretCredential(tenant, client, secret)),
            claims(CertificateCredential(tenant, client, certificate)),
        ]
    )
)
