"""The bench of @connections, as short as it goes."""

import os
import pathlib

import gateway

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("CHAT_BUILD", ROOT / "build")).resolve()
CONNECTIONS = 3


def test_each_message_comes_to_each_connection(tmp_path):
    certificate = gateway.make_certificate(tmp_path)
    sink = gateway.Sink(BUILD, certificate, delay_ms=5)
    room = gateway.Room(BUILD, tmp_path / "data", sink, certificate, CONNECTIONS)
    room.warm_up()
    result = gateway.measure(room, sink, gateway.send_in_window, 16, 0.2)
    assert 0 < result["POSTs/s"] < result["deliveries/s"]
    assert 0 < result["saved"] < 1
    assert result["CPU s/1M"] > 0
    assert result["connections"] <= CONNECTIONS, "connections are kept"
    floor = gateway.measure_floor(BUILD, sink, certificate, 300, 0.2)
    assert floor["POSTs/s"] > 0
    room.close()
    sink.close()


def test_a_table_has_medians_with_their_spread():
    runs = {("1 a second", "0 ms"): [{"POSTs/s": rate} for rate in (90, 1200, 150)]}
    assert "| 1 a second | 0 ms | 150 [90.0..1,200] |" in gateway.table(runs, ("POSTs/s",))
