"""The load line's websocket client over picows. Needs the `picows` extra; `loadsocket` picks it if it is there."""

from collections.abc import Callable

from picows import WSCloseCode, WSError, WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

MAX_FRAME_BYTES = 1 << 20


class LeanClient(WSListener):
    """One open socket; satisfies `loadsocket.Sender`. picows calls the `on_…` methods in the loop's thread."""

    def __init__(self, on_text: Callable[[bytes], None], on_close: Callable[[], None]) -> None:
        self._on_text = on_text
        self._on_close = on_close
        self._transport: WSTransport | None = None
        self._partial = b""

    def on_ws_connected(self, transport: WSTransport) -> None:
        """The handshake is done."""
        self._transport = transport

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """A frame arrived, perhaps a fragment of a message."""
        if frame.msg_type == WSMsgType.CLOSE:
            transport.send_close(WSCloseCode.OK)
            transport.disconnect()
        elif frame.msg_type in (WSMsgType.TEXT, WSMsgType.CONTINUATION):
            payload = self._partial + frame.get_payload_as_bytes()
            self._partial = b"" if frame.fin else payload
            if frame.fin:
                self._on_text(payload)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """The socket is gone."""
        self._transport = None
        self._on_close()

    def send(self, text: bytes) -> None:
        """Send one text message at once; after the close this does nothing."""
        if self._transport is not None:
            self._transport.send(WSMsgType.TEXT, text)

    def close(self) -> None:
        """Close normally; idempotent."""
        if self._transport is not None:
            self._transport.send_close(WSCloseCode.OK)
            self._transport.disconnect()


async def open_lean(url: str, on_text: Callable[[bytes], None], on_close: Callable[[], None]) -> LeanClient:
    """Connect. Raises OSError (also for a refused handshake)."""
    client = LeanClient(on_text, on_close)
    try:
        await ws_connect(lambda: client, url, max_frame_size=MAX_FRAME_BYTES)
    except WSError as error:
        raise ConnectionError(str(error)) from error
    return client
