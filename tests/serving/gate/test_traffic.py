"""Numbers for Prometheus."""

from radtex.serving.gate.traffic import Traffic


def test_requests_are_counted_by_route_and_numbers_read_when_asked() -> None:
    traffic = Traffic()
    value = 1.0
    traffic.watch("radtex_films", "Films.", lambda: value)
    traffic.note("GET", "/v1/models", 200, 0.02)
    traffic.note("GET", "/v1/models", 200, 2.0)
    traffic.note("BREW", "-", 405, 0.0)
    value = 7.0
    text = traffic.text().decode()
    assert 'radtex_requests_total{method="GET",route="/v1/models",status="200"} 2.0' in text
    assert 'method="other"' in text
    assert 'radtex_request_seconds_bucket{le="0.03",route="/v1/models"} 1.0' in text
    assert "radtex_films 7.0" in text
