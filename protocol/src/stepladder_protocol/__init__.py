"""What Stepladder and its endpoint agent say to each other.

Owns the wire types, the message signatures and the signed grant. Knows nothing of databases, HTTP
clients or either side's business: both sides import this package, and it imports neither.

Version history (the protocol grows by adding):

* 1 (2026-11): enrolment, elevation requests, decisions by long poll, cancel, signed grants.
"""

PROTOCOL_VERSION = 1
ENDPOINT_API = "/api/endpoint/v1"
