"""A token of client credentials, signed as moto signs all of its tokens: moto has no /oauth2/token, and its own create_jwt needs a user."""

import json
import sys

from joserfc import jwk, jwt
from moto.cognitoidp.models import load_resource

claims = json.load(sys.stdin)
key = jwk.RSAKey.import_key(load_resource("cognitoidp/resources/jwks-private.json"))
print(jwt.encode({"kid": "dummy", "alg": "RS256"}, claims, key))
