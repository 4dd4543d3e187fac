/* RFC 9112, 2.3 and RFC 9110, 2.5: the version, and what follows from it. */
#include "conformance_rows.h"

#define WITH_VERSION(version) "GET /hello " version "\r\n" HOST "\r\n"

static const struct conformance_row rows[] = {
    ANSWERED("9112, 2.3", 200, "HTTP/1.1 is spoken", WITH_VERSION("HTTP/1.1")),
    ANSWERED("9110, 2.5", 200, "HTTP/1.2 is handled as HTTP/1.1", WITH_VERSION("HTTP/1.2")),
    ANSWERED("9110, 2.5", 200, "HTTP/1.9 is handled as HTTP/1.1", WITH_VERSION("HTTP/1.9")),
    REFUSED("9112, 3.2", 400, "HTTP/1.2 needs a Host as well", "GET /hello HTTP/1.2\r\n\r\n"),
    ROW("9112, 2.3", "HTTP/1.0 is spoken, and ends by itself", WITH_VERSION("HTTP/1.0"),
        CLOSES_AS_ASKED, .answers = {200}, .content = BYTES(HELLO)),
    ROW("9110, 15.6.6", "HTTP/2.0 is not spoken", WITH_VERSION("HTTP/2.0") NEXT_REQUEST, CLOSES,
        .answers = {505}),
    REFUSED("9110, 15.6.6", 505, "HTTP/3.0 is not spoken", WITH_VERSION("HTTP/3.0")),
    REFUSED("9110, 15.6.6", 505, "HTTP/0.9 is not spoken", WITH_VERSION("HTTP/0.9")),
    REFUSED("9110, 15.6.6", 505, "HTTP/0.0 is not spoken", WITH_VERSION("HTTP/0.0")),
    REFUSED("9110, 15.6.6", 505, "HTTP/9.9 is not spoken", WITH_VERSION("HTTP/9.9")),
    REFUSED("9110, 15.6.6", 505, "HTTP/2.1 is not taken for HTTP/1.1", WITH_VERSION("HTTP/2.1")),
    REFUSED("9112, 2.3", 400, "the name of the protocol is in upper case",
            WITH_VERSION("http/1.1")),
    REFUSED("9112, 2.3", 400, "the name of the protocol is in upper case to its end",
            WITH_VERSION("HTTp/1.1")),
    REFUSED("9112, 2.3", 400, "the minor version is one digit", WITH_VERSION("HTTP/1.10")),
    REFUSED("9112, 2.3", 400, "the major version is one digit", WITH_VERSION("HTTP/11.1")),
    REFUSED("9112, 2.3", 400, "the major version has no zero before it", WITH_VERSION("HTTP/01.1")),
    REFUSED("9112, 2.3", 400, "a version has two parts", WITH_VERSION("HTTP/1")),
    REFUSED("9112, 2.3", 400, "a version has no third part", WITH_VERSION("HTTP/1.1.1")),
    REFUSED("9112, 2.3", 400, "the minor version is there", WITH_VERSION("HTTP/1.")),
    REFUSED("9112, 2.3", 400, "the major version is there", WITH_VERSION("HTTP/.1")),
    REFUSED("9112, 2.3", 400, "a dot is between the two versions", WITH_VERSION("HTTP/1,1")),
    REFUSED("9112, 2.3", 400, "a slash is before the version", WITH_VERSION("HTTP-1.1")),
    REFUSED("9112, 2.3", 400, "the minor version is a digit", WITH_VERSION("HTTP/1.x")),
    REFUSED("9112, 2.3", 400, "the major version is a digit", WITH_VERSION("HTTP/x.1")),
    REFUSED("9112, 2.3", 400, "the character behind 9 is no digit", WITH_VERSION("HTTP/1.:")),
    REFUSED("9112, 2.3", 400, "the character before 0 is no digit", WITH_VERSION("HTTP/1./")),
    REFUSED("9112, 2.3", 400, "a sign is no digit", WITH_VERSION("HTTP/+1.1")),
    REFUSED("9112, 2.3", 400, "nothing is behind the version", WITH_VERSION("HTTP/1.1x")),
    REFUSED("9112, 2.3", 400, "another protocol is refused", WITH_VERSION("HTTPS/1.1")),
    REFUSED("9112, 2.3", 400, "another protocol of a shorter name is refused",
            WITH_VERSION("ICAP/1.1")),
    REFUSED("9112, 2.3", 400, "the version is not empty", WITH_VERSION("")),
    REFUSED("9112, 2.3", 400, "digits of another alphabet are none",
            WITH_VERSION("HTTP/\xd9\xa1.\xd9\xa1")),
};

GROUP(conformance_9112_2_version, "RFC 9112, 2.3: the version", rows, NULL);
