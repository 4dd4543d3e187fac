#include "http_authority.h"

#include "http_chars.h"

#include <arpa/inet.h>
#include <string.h>

/*
 * RFC 3986, 3.2.2: what stands in brackets. Neither a zone nor an address of the future is known.
 */
static bool is_ipv6(const char *text, const char *end)
{
    char copy[INET6_ADDRSTRLEN];
    struct in6_addr address;
    size_t length = (size_t)(end - text);

    /* inet_pton would see no more than what is before a NUL. */
    if (length >= sizeof copy || memchr(text, '\0', length) != NULL) {
        return false;
    }
    memcpy(copy, text, length);
    copy[length] = '\0';
    return inet_pton(AF_INET6, copy, &address) == 1;
}

static bool is_encoded(const char *c, const char *end)
{
    return end - c > 2 && *c == '%' && http_hex_value(c[1]) >= 0 && http_hex_value(c[2]) >= 0;
}

static const char *end_of_name(const char *text, const char *end)
{
    text += http_run(text, (size_t)(end - text), HTTP_HOST);
    while (is_encoded(text, end)) {
        text += 3;
        text += http_run(text, (size_t)(end - text), HTTP_HOST);
    }
    return text;
}

bool http_is_authority(const char *text, const char *end)
{
    const char *host_end = text;

    if (text < end && *text == '[') {
        host_end = memchr(text, ']', (size_t)(end - text));
        if (host_end == NULL || !is_ipv6(text + 1, host_end)) {
            return false;
        }
        host_end++;
    } else {
        host_end = end_of_name(text, end);
        if (host_end == text) {
            return false;
        }
    }
    if (host_end == end) {
        return true;
    }
    if (*host_end != ':' || end - host_end > 6) {
        return false;
    }
    unsigned port = 0;
    for (const char *c = host_end + 1; c < end; c++) {
        if (*c < '0' || *c > '9') {
            return false;
        }
        port = port * 10 + (unsigned)(*c - '0');
    }
    return port <= 65535;
}

bool http_authority_has_port(const char *text, const char *end)
{
    const char *colon = memrchr(text, ':', (size_t)(end - text));

    /* The last colon may as well be one in brackets. */
    return colon != NULL && end[-1] != ':' && end[-1] != ']';
}
