"""What clients of this machine's own servers share."""

from __future__ import annotations

import ssl

# They need no TLS. A client that is given none reads all certificate authorities, which takes 30 ms each time.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
