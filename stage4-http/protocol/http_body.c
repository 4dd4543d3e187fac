#include "http_body.h"

#include "http_chars.h"

/*
 * What is not content (sizes, extensions, trailers) may not cost much: so many bytes in any case,
 * and so many more for each byte of content. A chunk of one byte needs five: "1\r\nx\r\n".
 */
enum { OVERHEAD = 4096, OVERHEAD_PER_BYTE = 16 };

enum phase {
    BY_LENGTH,
    SIZE_FIRST, /* the first digit must come */
    SIZE,
    EXTENSION_FIRST, /* after a semicolon: a name must come */
    EXTENSION,
    VALUE_FIRST, /* after the equals sign: a token or a quote must come */
    VALUE,
    QUOTED,
    QUOTED_PAIR, /* after the backslash */
    QUOTED_END,
    SIZE_LF,
    CHUNK,
    CHUNK_CR,
    CHUNK_LF,
    TRAILER_FIRST, /* at the start of a trailer line, or of the empty one that ends it all */
    TRAILER_NAME,
    TRAILER_VALUE,
    TRAILER_LF,
    LAST_LF,
    DONE,
};

void http_body_init(struct http_body *body, const struct http_request *request,
                    const struct http_limits *limits)
{
    *body = (struct http_body){
        .left = request->content_length,
        .limit = limits->body,
        .overhead_left = OVERHEAD,
        .phase = request->chunked ? SIZE_FIRST : BY_LENGTH,
    };
}

/* Another digit of a chunk's size. The limit also keeps the number from overflowing. */
static unsigned take_size_digit(struct http_body *body, char c)
{
    body->left = body->left * 16 + (unsigned)http_hex_value(c);
    if (body->left > body->limit) {
        body->error_status = 413;
    }
    return SIZE;
}

static unsigned bad(struct http_body *body)
{
    body->error_status = 400;
    return body->phase;
}

/* What may stand behind an extension, or behind the size if there is none. */
static unsigned end_extension(struct http_body *body, char c)
{
    return c == ';' ? EXTENSION_FIRST : c == '\r' ? SIZE_LF : bad(body);
}

/*
 * RFC 9112, 7.1.1: chunk-ext = *( ";" name [ "=" ( token / quoted-string ) ] ), but no white space
 * between: others have taken a line end in there for an end, or for none.
 */
static unsigned next_phase_in_extension(struct http_body *body, char c)
{
    switch ((enum phase)body->phase) {
    case EXTENSION_FIRST:
        return http_is(c, HTTP_TCHAR) ? EXTENSION : bad(body);
    case EXTENSION:
        return http_is(c, HTTP_TCHAR) ? EXTENSION : c == '=' ? VALUE_FIRST : end_extension(body, c);
    case VALUE_FIRST:
        return http_is(c, HTTP_TCHAR) ? VALUE : c == '"' ? QUOTED : bad(body);
    case VALUE:
        return http_is(c, HTTP_TCHAR) ? VALUE : end_extension(body, c);
    case QUOTED:
        return c == '"'                ? QUOTED_END
               : c == '\\'             ? QUOTED_PAIR
               : http_is(c, HTTP_TEXT) ? QUOTED
                                       : bad(body);
    case QUOTED_PAIR:
        return http_is(c, HTTP_TEXT) ? QUOTED : bad(body);
    default:
        return end_extension(body, c);
    }
}

/* The phase after one byte of framing: everything but the content itself. */
static unsigned next_phase(struct http_body *body, char c)
{
    switch ((enum phase)body->phase) {
    case SIZE_FIRST:
        return http_hex_value(c) >= 0 ? take_size_digit(body, c) : bad(body);
    case SIZE:
        if (http_hex_value(c) >= 0) {
            return take_size_digit(body, c);
        }
        return end_extension(body, c);
    case EXTENSION_FIRST:
    case EXTENSION:
    case VALUE_FIRST:
    case VALUE:
    case QUOTED:
    case QUOTED_PAIR:
    case QUOTED_END:
        return next_phase_in_extension(body, c);
    case SIZE_LF:
        return c != '\n' ? bad(body) : body->left > 0 ? CHUNK : TRAILER_FIRST;
    case CHUNK_CR:
        return c == '\r' ? CHUNK_LF : bad(body);
    case CHUNK_LF:
        return c == '\n' ? SIZE_FIRST : bad(body);
    case TRAILER_FIRST:
        return c == '\r' ? LAST_LF : http_is(c, HTTP_TCHAR) ? TRAILER_NAME : bad(body);
    case TRAILER_NAME:
        return c == ':' ? TRAILER_VALUE : http_is(c, HTTP_TCHAR) ? TRAILER_NAME : bad(body);
    case TRAILER_VALUE:
        return c == '\r' ? TRAILER_LF : http_is(c, HTTP_TEXT) ? TRAILER_VALUE : bad(body);
    case TRAILER_LF:
        return c == '\n' ? TRAILER_FIRST : bad(body);
    case LAST_LF:
        return c == '\n' ? DONE : bad(body);
    case BY_LENGTH:
    case CHUNK:
    case DONE:
        break;
    }
    return bad(body);
}

static void take_framing(struct http_body *body, char c)
{
    body->phase = next_phase(body, c);
    if (body->overhead_left == 0) {
        body->error_status = 400;
        return;
    }
    body->overhead_left--;
}

/* Content: as much as is there. Returns how many bytes that were. */
static size_t take_content(struct http_body *body, const char *bytes, size_t length,
                           struct buffer *content)
{
    size_t n = length < body->left ? length : (size_t)body->left;

    if (content->length + n > body->limit) {
        body->error_status = 413;
        return 0;
    }
    if (buffer_append(content, bytes, n) < 0) {
        body->error_status = 500;
        return 0;
    }
    body->left -= n;
    body->overhead_left += n * OVERHEAD_PER_BYTE;
    if (body->left == 0) {
        body->phase = body->phase == BY_LENGTH ? DONE : CHUNK_CR;
    }
    return n;
}

enum http_progress http_body_feed(struct http_body *body, const char *bytes, size_t length,
                                  struct buffer *content, size_t *ret_used)
{
    size_t used = 0;

    while (used < length && body->phase != DONE && body->error_status == 0) {
        if (body->phase == CHUNK || body->phase == BY_LENGTH) {
            used += take_content(body, bytes + used, length - used, content);
        } else {
            take_framing(body, bytes[used++]);
        }
    }
    *ret_used = used;
    if (body->error_status != 0) {
        return HTTP_ERROR;
    }
    return body->phase == DONE ? HTTP_COMPLETE : HTTP_PARTIAL;
}
