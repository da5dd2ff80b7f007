"""What is counted of requests, for Prometheus."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SECONDS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 5.0, 10.0, 30.0)


def known_method(method: str) -> str:
    """Return a method, or "other": a client may invent names, and put words into them."""
    return method if method in ("GET", "POST", "DELETE", "HEAD", "OPTIONS") else "other"


class Traffic:
    """Counts requests by method, route and status; nothing of what they hold."""

    def __init__(self) -> None:
        """Begin at nothing."""
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "radtex_requests", "Requests.", ("method", "route", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            "radtex_request_seconds",
            "Time to answer.",
            ("route",),
            registry=self.registry,
            buckets=_SECONDS,
        )

    def note(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._requests.labels(known_method(method), route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def watch(self, name: str, about: str, value: Callable[[], float]) -> None:
        """Show a number that is read when it is asked for."""
        Gauge(name, about, registry=self.registry).set_function(value)

    def text(self) -> bytes:
        """All numbers, in Prometheus's text format."""
        return generate_latest(self.registry)
