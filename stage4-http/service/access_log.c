#include "access_log.h"

#include "http_date.h"
#include "log_writer.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* Every byte of every value escaped, and what stands between the values. */
static_assert(4 * (ACCESS_LOG_MAX_ADDRESS + ACCESS_LOG_MAX_REQUEST + 2 * ACCESS_LOG_MAX_FIELD) +
                      128 <=
                  ACCESS_LOG_MAX_LINE,
              "the longest line fits behind lines that are almost enough to flush");

static char *put_escaped(char *to, unsigned char c)
{
    static const char digits[] = "0123456789abcdef";

    if (c == '"' || c == '\\') {
        *to++ = '\\';
        *to++ = (char)c;
    } else if (c < 0x20 || c >= 0x7f) {
        *to++ = '\\';
        *to++ = 'x';
        *to++ = digits[c >> 4];
        *to++ = digits[c & 15];
    } else {
        *to++ = (char)c;
    }
    return to;
}

static char *put_value(char *to, struct http_span value, size_t most)
{
    size_t length = value.length < most ? value.length : most;

    if (length == 0) {
        return stpcpy(to, "-");
    }
    for (size_t i = 0; i < length; i++) {
        to = put_escaped(to, (unsigned char)value.data[i]);
    }
    return to;
}

static char *put_number(char *to, uint64_t number)
{
    char digits[20];
    char *first = digits + sizeof digits;

    do {
        *--first = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    return mempcpy(to, first, (size_t)(digits + sizeof digits - first));
}

static char *put_line(char *to, const struct access_log_entry *entry)
{
    to = put_value(to, entry->address, ACCESS_LOG_MAX_ADDRESS);
    to = stpcpy(to, " - - [");
    to = stpcpy(to, entry->time);
    to = stpcpy(to, "] \"");
    to = put_value(to, entry->request_line, ACCESS_LOG_MAX_REQUEST);
    to = stpcpy(to, "\" ");
    to = put_number(to, (uint64_t)entry->status);
    to = stpcpy(to, " ");
    to = entry->bytes > 0 ? put_number(to, entry->bytes) : stpcpy(to, "-");
    to = stpcpy(to, " \"");
    to = put_value(to, entry->referer, ACCESS_LOG_MAX_FIELD);
    to = stpcpy(to, "\" \"");
    to = put_value(to, entry->user_agent, ACCESS_LOG_MAX_FIELD);
    return stpcpy(to, "\"\n");
}

void access_log_stream_init(struct access_log_stream *stream, struct access_log *log)
{
    stream->log = log;
    stream->length = 0;
}

void access_log_stream_release(struct access_log_stream *stream)
{
    access_log_flush(stream);
    stream->log = NULL;
}

void access_log_add(struct access_log_stream *stream, const struct access_log_entry *entry)
{
    if (stream->log == NULL) {
        return;
    }
    stream->length = (size_t)(put_line(stream->lines + stream->length, entry) - stream->lines);
    if (stream->length >= ACCESS_LOG_FLUSH_SIZE) {
        access_log_flush(stream);
    }
}

void access_log_flush(struct access_log_stream *stream)
{
    if (stream->length > 0) {
        log_writer_hand_over(stream->log, stream->lines, stream->length);
        stream->length = 0;
    }
}

void access_log_format_time(time_t time, char ret_text[static ACCESS_LOG_TIME_TEXT])
{
    char date[HTTP_DATE_TEXT];

    /* Other order, same parts: "Tue, 10 Oct 2000 13:55:36 GMT". */
    http_date_format(time, date);
    snprintf(ret_text, ACCESS_LOG_TIME_TEXT, "%.2s/%.3s/%.4s:%.8s +0000", date + 5, date + 8,
             date + 12, date + 17);
}
