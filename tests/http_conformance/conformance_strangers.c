/* Those who took the port for another one: one answer at most, and the end. */
#include "conformance_rows.h"

#define STRANGER(says, text) REFUSED("9112, 2.2", 400, says, text)

static const struct conformance_row rows[] = {
    STRANGER("TLS 1.3: a ClientHello",
             "\x16\x03\x01\x00\x2f\x01\x00\x00\x2b\x03\x03\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09"
             "\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e"
             "\x1f\x00\x00\x02\x13\x01\x01\x00\x00\x00"),
    STRANGER("SSL 2: a ClientHello", "\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10"),
    REFUSED("9113, 3.4", 505, "HTTP/2: the preface of its connections",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0"),
    STRANGER("HTTP/2: frames without their preface", "\0\0\0\x04\0\0\0\0\0"),
    REFUSED("9112, 3", 400, "HTTP/0.9: a simple request", "GET /hello\r\n"),
    REFUSED("9112, 3", 400, "HTTP/0.9: with an empty line", "GET /hello\r\n\r\n"),
    REFUSED("9112, 2.2", 400, "HTTP/0.9: with a bare LF", "GET /hello\n"),
    STRANGER("HTTP, the other side: an answer", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
    STRANGER("HTTP in UTF-16", "G\0E\0T\0 \0/\0 \0H\0T\0T\0P\0/\0"
                               "1\0.\0"
                               "1\0\r\0\n\0"),
    STRANGER("PROXY protocol, version 1", "PROXY TCP4 192.0.2.1 192.0.2.2 1024 80\r\n"),
    STRANGER("PROXY protocol, version 2", "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c"),
    STRANGER("SSH: its banner", "SSH-2.0-OpenSSH_9.6\r\n"),
    STRANGER("SMTP: EHLO", "EHLO a.example\r\n"),
    STRANGER("SMTP: MAIL", "MAIL FROM:<a@b.example>\r\n"),
    STRANGER("FTP: USER", "USER anonymous\r\n"),
    STRANGER("IMAP: LOGIN", "a1 LOGIN b c\r\n"),
    STRANGER("RTSP", "DESCRIBE rtsp://a/b RTSP/1.0\r\nCSeq: 1\r\n\r\n"),
    STRANGER("SIP", "OPTIONS sip:a@b SIP/2.0\r\n\r\n"),
    STRANGER("ICAP", "OPTIONS icap://a/b ICAP/1.0\r\nHost: a\r\n\r\n"),
    STRANGER("Redis: an array", "*1\r\n$4\r\nPING\r\n"),
    STRANGER("Redis: a word", "PING\r\n"),
    STRANGER("memcached", "stats\r\n"),
    STRANGER("gopher: a selector", "/hello\r\n"),
    STRANGER("telnet: options", "\xff\xfd\x18\xff\xfd\x20"),
    STRANGER("DNS: a query", "\0\x1d\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x01"
                             "a\0\0\x01\0\x01"),
    STRANGER("SMB: negotiation", "\0\0\0\x85\xffSMB\x72\0\0\0\0"),
    STRANGER("RDP: a connection request", "\x03\0\0\x13\x0e\xe0\0\0\0\0\0\x01\0\x08"),
    STRANGER("MQTT: CONNECT", "\x10\x0c\0\x04MQTT\x04\x02\0\x3c\0\0"),
    STRANGER("AMQP: its header", "AMQP\0\0\x09\x01"),
    STRANGER("PostgreSQL: a startup message", "\0\0\0\x08\x04\xd2\x16\x2f"),
    STRANGER("WebSocket: a frame", "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"),
    STRANGER("JSON", "{\"a\": 1}\r\n"),
    STRANGER("XML", "<?xml version=\"1.0\"?>\r\n"),
    STRANGER("a line of words", "hello, is anybody there?\r\n"),
    STRANGER("NULs", "\0\0\0\0\0\0\0\0"),
    STRANGER("bytes of ones", "\xff\xff\xff\xff\xff\xff\xff\xff"),
    STRANGER("a great many NULs", TIMES_1000("\0\0\0\0\0\0\0\0")),
    ROW("9112, 3.1", "the first byte is enough, nobody waits for the end of the line", "{", CLOSES,
        .answers = {400}),
    ROW("9112, 2.2", "a space as the first byte is enough as well", " ", CLOSES, .answers = {400}),
    ROW("9112, 2.2", "the first byte of TLS is enough", "\x16", CLOSES, .answers = {400}),
    ROW("9112, 8", "gopher: the root, and the end", "\r\n", HALF_CLOSED, .answers = {0}),
};

GROUP(conformance_strangers, "strangers", rows, NULL);
