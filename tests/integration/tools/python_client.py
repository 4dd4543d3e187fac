"""Requests by Python's own clients: python_client.py PORT NAME runs the function of that name."""

import hashlib
import http.client
import json
import sys
import urllib.error
import urllib.request

PORT = int(sys.argv[1])
BODY = bytes(range(256)) * 400


def connect():
    return http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)


def open_url(path):
    """By urllib, past the proxy that the environment may name."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    return opener.open(f"http://127.0.0.1:{PORT}{path}", timeout=30)


def ask(connection, *arguments, **options):
    connection.request(*arguments, **options)
    answer = connection.getresponse()
    return answer.status, answer.read()


def expect(actual, expected):
    assert actual == expected, f"not {expected!r}, but {actual!r}"


def expect_413(**options):
    connection = connect()
    connection.request("POST", "/echo", **options)
    expect(connection.getresponse().status, 413)


def many_requests_share_a_connection():
    connection = connect()
    connection.connect()
    socket = connection.sock
    for _ in range(50):
        expect(ask(connection, "GET", "/hello"), (200, b"Hello, world!\n"))
        expect(ask(connection, "HEAD", "/hello"), (200, b""))
        expect(ask(connection, "POST", "/echo", body=BODY), (200, BODY))
        expect(ask(connection, "GET", "/nothing")[0], 404)
        expect(ask(connection, "GET", "/stream?n=2"), (200, b"line 1\nline 2\n"))
        assert connection.sock is socket, "the connection was given up"


def status_is_json():
    with open_url("/status") as answer:
        expect(answer.headers["Content-Type"], "application/json")
        status = json.load(answer)
    expect((status["threads"], len(status["loops"])), (4, 5))


def too_much_is_413():
    expect_413(body=bytes(16 << 20))


def too_much_is_413_every_time():
    """Whether a reset overtakes the answer is a matter of luck."""
    for _ in range(20):
        expect_413(body=bytes(5000000))
        expect_413(body=bytes(5000000), headers={"Expect": "100-continue"})


def too_many_chunks_are_413():
    expect_413(body=(bytes(65536) for _ in range(256)), encode_chunked=True,
               headers={"Transfer-Encoding": "chunked"})


def chunks_come_back():
    chunks = (BODY[i : i + 1000] for i in range(0, len(BODY), 1000))
    expect(ask(connect(), "POST", "/echo", body=chunks), (200, BODY))


def stream_can_be_read_by_line():
    with open_url("/stream?n=1000") as answer:
        expect(answer.headers["Transfer-Encoding"], "chunked")
        for number, line in enumerate(answer, start=1):
            expect(line, b"line %d\n" % number)
    expect(number, 1000)


def redirect_is_followed():
    with open_url("/sub") as answer:
        expect(answer.url, f"http://127.0.0.1:{PORT}/sub/")
        expect(answer.read(), b"<html>the index of sub</html>\n")


def error_has_a_text():
    try:
        open_url("/nothing")
    except urllib.error.HTTPError as error:
        expect((error.code, error.read()), (404, b"404 Not Found\n"))
    else:
        raise AssertionError("no error")


def big_file_is_as_it_is():
    with open("root/big.bin", "rb") as file, open_url("/big.bin") as answer:
        expect(hashlib.sha256(answer.read()).digest(), hashlib.sha256(file.read()).digest())


globals()[sys.argv[2]]()
