"""Hub conversations of both sides, without a socket."""

from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from risk_manager.signalr.messages import Close, Completion, Invocation, Malformed, Ping, Unknown
from risk_manager.signalr.protocol import (
    ClientProtocol,
    Event,
    HandshakeAccepted,
    HandshakeFailed,
    HandshakeRequested,
    ProtocolMisuse,
    ServerProtocol,
    State,
)


def raw(text: str) -> msgspec.Raw:
    return msgspec.Raw(text.encode())


def open_client(*, max_record_bytes: int = 1000) -> ClientProtocol:
    client = ClientProtocol(max_record_bytes=max_record_bytes)
    client.receive_data("{}\x1e")
    return client


def open_server() -> ServerProtocol:
    server = ServerProtocol()
    server.receive_data('{"protocol":"json","version":1}\x1e')
    server.accept_handshake()
    return server


# -- handshake


def test_the_client_asks_for_json_version_one() -> None:
    assert ClientProtocol().send_handshake() == '{"protocol":"json","version":1}\x1e'


def test_the_server_accepts_and_the_client_is_open() -> None:
    client, server = ClientProtocol(), ServerProtocol()

    assert server.receive_data(client.send_handshake()) == [HandshakeRequested()]
    assert client.receive_data(server.accept_handshake()) == [HandshakeAccepted()]
    assert client.state is State.OPEN
    assert server.state is State.OPEN


def test_an_error_in_the_response_is_a_refusal() -> None:
    client = ClientProtocol()

    assert client.receive_data('{"error":"go away"}\x1e{"type":6}\x1e') == [HandshakeFailed("go away")]
    assert client.state is State.CLOSED


def test_a_response_of_odd_nulls_is_still_a_consent() -> None:
    assert ClientProtocol().receive_data('{"error":null,"more":1}\x1e') == [HandshakeAccepted()]


def test_an_endless_record_is_reported_between_messages() -> None:
    assert open_client(max_record_bytes=10).receive_data("x" * 11) == [Malformed("x" * 10, "record exceeds 10 bytes")]


@pytest.mark.parametrize("response", ["", "[]", "{", '{"type":6}', '{"error":5}', "[" * 100_000])
def test_a_response_that_is_none_fails_the_handshake(response: str) -> None:
    (event,) = ClientProtocol().receive_data(f"{response}\x1e")

    assert isinstance(event, HandshakeFailed)
    assert event.reason


def test_an_endless_response_fails_the_handshake() -> None:
    client = ClientProtocol(max_record_bytes=10)

    assert client.receive_data("x" * 11) == [HandshakeFailed("record exceeds 10 bytes")]


def test_messages_in_the_frame_of_the_handshake_are_not_lost() -> None:
    events = ClientProtocol().receive_data('{}\x1e{"type":6}\x1e{"type":1,"target":"x","arguments":[1]}\x1e')

    assert events == [HandshakeAccepted(), Ping(), Invocation(target="x", arguments=(raw("1"),))]


@pytest.mark.parametrize(
    ("request_record", "reason"),
    [
        ('{"protocol":"messagepack","version":1}', "The protocol 'messagepack' is not supported."),
        ('{"protocol":"json","version":9}', "The server does not support version 9."),
        ("{}", "Object missing required field `protocol`"),
    ],
)
def test_the_server_tells_why_it_cannot_accept(request_record: str, reason: str) -> None:
    server = ServerProtocol()

    assert server.receive_data(f"{request_record}\x1e") == [HandshakeFailed(reason)]
    client = ClientProtocol()
    assert client.receive_data(server.refuse_handshake(reason)) == [HandshakeFailed(reason)]


def test_the_server_may_refuse_a_handshake_that_it_understands() -> None:
    server = ServerProtocol()
    server.receive_data('{"protocol":"json","version":1}\x1e')

    assert server.refuse_handshake("full") == '{"error":"full"}\x1e'
    assert server.state is State.CLOSED


def test_the_server_answers_a_handshake_once_and_before_anything_else() -> None:
    server = ServerProtocol()
    with pytest.raises(ProtocolMisuse):
        server.accept_handshake()
    server.receive_data('{"protocol":"json","version":1}\x1e')
    with pytest.raises(ProtocolMisuse):
        server.send_ping()
    server.accept_handshake()
    with pytest.raises(ProtocolMisuse):
        server.refuse_handshake("too late")
    assert server.send_ping() == '{"type":6}\x1e'


def test_the_client_does_not_shake_hands_twice() -> None:
    with pytest.raises(ProtocolMisuse):
        open_client().send_handshake()


@pytest.mark.parametrize(
    "send",
    [
        lambda client: client.send_invocation("x"),
        lambda client: client.send_completion("1"),
        lambda client: client.send_completion_error("1", "no"),
        lambda client: client.send_ping(),
        lambda client: client.send_close(),
    ],
)
def test_nothing_leaves_before_the_handshake_or_after_the_close(
    send: Callable[[ClientProtocol], str],
) -> None:
    with pytest.raises(ProtocolMisuse):
        send(ClientProtocol())
    closed = open_client()
    closed.send_close()
    with pytest.raises(ProtocolMisuse):
        send(closed)


# -- messages


def test_a_call_and_its_answer_cross_the_wire() -> None:
    client, server = open_client(), open_server()

    call = client.send_invocation("SubscribeOrders", [42], invocation_id="1")
    assert server.receive_data(call) == [
        Invocation(target="SubscribeOrders", arguments=(raw("42"),), invocation_id="1")
    ]
    assert client.receive_data(server.send_completion("1", 0)) == [Completion(invocation_id="1", result=raw("0"))]
    assert client.receive_data(server.send_completion("2")) == [Completion(invocation_id="2")]
    assert client.receive_data(server.send_completion_error("3", "no")) == [Completion(invocation_id="3", error="no")]


def test_pings_go_both_ways() -> None:
    client, server = open_client(), open_server()

    assert server.receive_data(client.send_ping()) == [Ping()]
    assert client.receive_data(server.send_ping()) == [Ping()]


def test_a_farewell_tells_whether_to_come_back() -> None:
    assert open_client().receive_data(open_server().send_close_reconnectable("restart")) == [
        Close(error="restart", allow_reconnect=True)
    ]
    assert open_client().receive_data(open_server().send_close("banned")) == [Close(error="banned")]
    assert open_server().receive_data(open_client().send_close()) == [Close()]


def test_nothing_is_heard_after_the_peers_farewell_but_what_was_asked_may_be_answered() -> None:
    server = open_server()

    events = server.receive_data('{"type":1,"target":"x","invocationId":"1"}\x1e{"type":7}\x1e{"type":6}\x1e')

    assert events == [Invocation(target="x", invocation_id="1"), Close()]
    assert server.state is State.PEER_CLOSED
    assert server.receive_data('{"type":6}\x1e') == []
    assert server.send_completion("1")


def test_a_separator_inside_a_string_does_not_cut_the_record() -> None:
    server = open_server()

    (event,) = server.receive_data(open_client().send_invocation("x", ["a\x1eb"]))

    assert isinstance(event, Invocation)
    assert msgspec.json.decode(event.arguments[0]) == "a\x1eb"


def test_text_with_a_lone_surrogate_is_survived() -> None:
    (event,) = open_client().receive_data('{"type":1,"target":"\ud800"}\x1e')

    assert isinstance(event, Malformed)


def test_the_conversation_goes_on_after_a_hostile_record() -> None:
    events = open_client(max_record_bytes=20).receive_data(
        b'\xff\x1e{"type":6}\x1e' + b"x" * 21 + b'\x1e{"type":2}\x1e'
    )

    assert [type(event) for event in events] == [Malformed, Ping, Malformed, Unknown]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.text(), st.lists(json_values, max_size=4), st.none() | st.text())
def test_every_call_arrives_as_it_was_sent(target: str, arguments: list[object], invocation_id: str | None) -> None:
    frame = open_client().send_invocation(target, arguments, invocation_id=invocation_id)
    (event,) = open_server().receive_data(frame)

    assert isinstance(event, Invocation)
    assert (event.target, event.invocation_id) == (target, invocation_id)
    assert [msgspec.json.decode(argument) for argument in event.arguments] == arguments


class CutStream(RuleBasedStateMachine):
    """A server speaks; one client gets the stream in odd pieces, the other one in whole frames."""

    def __init__(self) -> None:
        super().__init__()
        self.whole, self.pieces = ClientProtocol(max_record_bytes=100), ClientProtocol(max_record_bytes=100)
        self.server = ServerProtocol()
        self.server.receive_data(self.whole.send_handshake())
        self.under_way = b""
        self.from_whole: list[Event] = []
        self.from_pieces: list[Event] = []
        self.put(self.server.accept_handshake().encode())

    def put(self, frame: bytes) -> None:
        self.under_way += frame
        self.from_whole += self.whole.receive_data(frame)

    @rule(method=st.text(max_size=120), argument=json_values)
    def server_calls(self, method: str, argument: object) -> None:
        self.put(self.server.send_invocation(method, [argument]).encode())

    @rule()
    def server_pings(self) -> None:
        self.put(self.server.send_ping().encode())

    @rule(garbage=st.binary(max_size=150))
    def garbage_comes(self, garbage: bytes) -> None:
        self.put(garbage + b"\x1e")

    @rule(size=st.integers(min_value=1, max_value=60))
    def a_piece_arrives(self, size: int) -> None:
        piece, self.under_way = self.under_way[:size], self.under_way[size:]
        self.from_pieces += self.pieces.receive_data(piece)

    @invariant()
    def pieces_tell_the_beginning_of_the_same_story(self) -> None:
        assert self.from_pieces == self.from_whole[: len(self.from_pieces)]

    def teardown(self) -> None:
        self.from_pieces += self.pieces.receive_data(self.under_way)
        assert self.from_pieces == self.from_whole


TestCutStream = CutStream.TestCase
TestCutStream.settings = settings(max_examples=40, stateful_step_count=30)
