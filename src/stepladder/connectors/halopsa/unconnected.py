"""Why no connection to HaloPSA was made, one sentence for each reason: name, address, certificate, proxy, refusal.

Nothing was sent, so nothing happened. What only a person can change needs one; what may pass is tried again.
"""

from __future__ import annotations

from collections.abc import Callable

import httpx2

from stepladder.connectors.base import ConnectorError, NeedsAttention, TryLater
from stepladder.kit.outbound import NameUnknown, ProxyFailed
from stepladder.kit.tls import Distrust, TlsFailed, find_cause


def failure_of(error: httpx2.HTTPError) -> ConnectorError:
    """The failure of a connection that was never made."""
    if isinstance(error, TlsFailed):
        return _DISTRUSTED[error.why]()
    if isinstance(error, ProxyFailed):
        return _proxy(error)
    if isinstance(error, NameUnknown):
        return TryLater(
            "HaloPSA's name cannot be resolved. Check the instance's address, and the name server of this machine.",
            code="halopsa_name_unknown",
        )
    if find_cause(error, ConnectionRefusedError):
        sentence = "HaloPSA cannot be reached: nothing accepts connections at its address and port."
    else:
        sentence = "HaloPSA cannot be reached: nothing answers at its address."
    return TryLater(sentence, code="halopsa_unreachable")


def _proxy(error: ProxyFailed) -> ConnectorError:
    if error.refuses is None:
        return TryLater(
            "The proxy cannot be reached. Check STEPLADDER_OUTBOUND_PROXY, or HTTPS_PROXY.",
            code="halopsa_proxy_unreachable",
        )
    if error.refuses.startswith("5"):
        return TryLater(f"The proxy cannot reach HaloPSA ({error.refuses}).", code="halopsa_proxy_failed")
    return NeedsAttention(
        f"The proxy refuses to connect to HaloPSA ({error.refuses}). Check its rules and the name and password in "
        "STEPLADDER_OUTBOUND_PROXY.",
        code="halopsa_proxy_refuses",
        whole_instance=True,
    )


def _untrusted() -> NeedsAttention:
    return NeedsAttention(
        "HaloPSA's certificate is not trusted. If a private authority issued it, the operator can name that "
        "authority's file in STEPLADDER_OUTBOUND_CA_FILE.",
        code="halopsa_certificate_untrusted",
        whole_instance=True,
    )


def _expired() -> NeedsAttention:
    return NeedsAttention(
        "HaloPSA's certificate has expired, or is not valid yet. Renew it, or set this machine's clock.",
        code="halopsa_certificate_expired",
        whole_instance=True,
    )


def _other_name() -> NeedsAttention:
    return NeedsAttention(
        "HaloPSA's certificate is for another name. Check the instance's address.",
        code="halopsa_certificate_name",
        whole_instance=True,
    )


def _no_tls() -> TryLater:
    return TryLater(
        "No secure connection to HaloPSA can be made: what answers does not speak TLS as it should. Check the "
        "instance's address and port.",
        code="halopsa_no_tls",
    )


_DISTRUSTED: dict[Distrust, Callable[[], ConnectorError]] = {
    Distrust.UNTRUSTED: _untrusted,
    Distrust.EXPIRED: _expired,
    Distrust.OTHER_NAME: _other_name,
    Distrust.NO_TLS: _no_tls,
}
