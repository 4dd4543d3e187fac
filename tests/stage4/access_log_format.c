#include "escaped.h"
#include "test_access_log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct line_case {
    struct access_log_entry entry;
    const char *expected;
};

/* clang-format off */
#define TIME "10/Oct/2000:13:55:36 +0000"
#define LINE(address_, request, status_, bytes_, referer_, agent, line) \
    {{.address = {address_, sizeof(address_) - 1}, .time = TIME, \
      .request_line = {request, sizeof(request) - 1}, .status = status_, .bytes = bytes_, \
      .referer = {referer_, sizeof(referer_) - 1}, .user_agent = {agent, sizeof(agent) - 1}}, \
     line "\n"}

static const struct line_case lines[] = {
    LINE("127.0.0.1", "GET / HTTP/1.1", 200, 2326, "http://example.com/a?b=c", "curl/8.5.0",
         "127.0.0.1 - - [" TIME "] \"GET / HTTP/1.1\" 200 2326 "
         "\"http://example.com/a?b=c\" \"curl/8.5.0\""),
    LINE("2001:db8::1", "GET /a%20b HTTP/1.0", 304, 0, "", "Mozilla/5.0 (X11; Linux x86_64)",
         "2001:db8::1 - - [" TIME "] \"GET /a%20b HTTP/1.0\" 304 - "
         "\"-\" \"Mozilla/5.0 (X11; Linux x86_64)\""),
    LINE("127.0.0.1", "", 408, 20, "", "",
         "127.0.0.1 - - [" TIME "] \"-\" 408 20 \"-\" \"-\""),
    LINE("", "", 400, 18446744073709551615u, "", "",
         "- - - [" TIME "] \"-\" 400 18446744073709551615 \"-\" \"-\""),
    LINE("a", "GET /\"q\" HTTP/1.1", 400, 1, "\"", "\\",
         "a - - [" TIME "] \"GET /\\\"q\\\" HTTP/1.1\" 400 1 \"\\\"\" \"\\\\\""),
    LINE("a", "GET /\r\nb - - [x]", 400, 10, "\" 200 1 \"", "\\x0a\\",
         "a - - [" TIME "] \"GET /\\x0d\\x0ab - - [x]\" 400 10 "
         "\"\\\" 200 1 \\\"\" \"\\\\x0a\\\\\""),
    LINE("a\nb", "\x16\x03\x01\0\x7f\x80\xff", 400, 9, "\t\x1b[31m", "caf\xc3\xa9~ !",
         "a\\x0ab - - [" TIME "] \"\\x16\\x03\\x01\\x00\\x7f\\x80\\xff\" 400 9 "
         "\"\\x09\\x1b[31m\" \"caf\\xc3\\xa9~ !\""),
};
/* clang-format on */

enum { LINES = sizeof lines / sizeof lines[0] };

static const char *formatted(const struct access_log_entry *entry)
{
    static struct access_log_stream stream;

    remove(file_tree_path("format"));
    struct access_log *log = open_log("format");
    access_log_stream_init(&stream, log);
    access_log_add(&stream, entry);
    access_log_stream_release(&stream);
    ck_assert_uint_eq(access_log_destroy(log), 0);
    return file_text("format");
}

START_TEST(an_entry_becomes_this_line)
{
    const char *line = formatted(&lines[_i].entry);

    ck_assert_msg(strcmp(line, lines[_i].expected) == 0, "expected %s, got %s",
                  escaped(lines[_i].expected, strlen(lines[_i].expected)),
                  escaped(line, strlen(line)));
}
END_TEST

static void write_byte(int byte, char ret_text[static 8])
{
    if (byte < 0x20 || byte >= 0x7f) {
        snprintf(ret_text, 8, "\\x%02x", (unsigned)byte);
    } else {
        snprintf(ret_text, 8, "%s%c", byte == '"' || byte == '\\' ? "\\" : "", byte);
    }
}

START_TEST(every_byte_is_written_as_itself_or_as_its_escape)
{
    char byte = (char)_i;
    struct http_span span = {&byte, 1};
    char text[8];
    char expected[128];
    const char *line = formatted(&(struct access_log_entry){span, TIME, span, 200, 0, span, span});

    write_byte(_i, text);
    snprintf(expected, sizeof expected, "%s - - [" TIME "] \"%s\" 200 - \"%s\" \"%s\"\n", text,
             text, text, text);
    ck_assert_str_eq(line, expected);
}
END_TEST

/* Each value as long as the limit, and so many bytes longer. */
static struct access_log_entry long_entry(const char *bytes, size_t longer)
{
    return (struct access_log_entry){
        .address = {bytes, ACCESS_LOG_MAX_ADDRESS + longer},
        .time = TIME,
        .request_line = {bytes, ACCESS_LOG_MAX_REQUEST + longer},
        .status = 200,
        .bytes = UINT64_MAX,
        .referer = {bytes, ACCESS_LOG_MAX_FIELD + longer},
        .user_agent = {bytes, ACCESS_LOG_MAX_FIELD + longer},
    };
}

static char *put_times(char *to, const char *text, size_t times)
{
    for (size_t i = 0; i < times; i++) {
        to = stpcpy(to, text);
    }
    return to;
}

static const char *long_line(const char *text)
{
    static char line[ACCESS_LOG_MAX_LINE];
    char *end = put_times(line, text, 64);

    end = put_times(stpcpy(end, " - - [" TIME "] \""), text, 2048);
    end = put_times(stpcpy(end, "\" 200 18446744073709551615 \""), text, 512);
    end = put_times(stpcpy(end, "\" \""), text, 512);
    stpcpy(end, "\"\n");
    return line;
}

static const struct {
    char byte;
    const char *written;
    size_t longer;
} long_values[] = {
    {'a', "a", 0},        {'a', "a", 1},        {'a', "a", 6000},
    {'"', "\\\"", 0},     {'"', "\\\"", 1},     {'"', "\\\"", 900},
    {'\xff', "\\xff", 0}, {'\xff', "\\xff", 1}, {'\n', "\\x0a", 7},
};

enum { LONG_VALUES = sizeof long_values / sizeof long_values[0] };

START_TEST(a_long_value_is_cut_before_it_is_escaped)
{
    char bytes[8192];
    size_t longer = long_values[_i].longer;

    memset(bytes, long_values[_i].byte, sizeof bytes);
    struct access_log_entry entry = long_entry(bytes, longer);
    const char *line = formatted(&entry);
    const char *expected = long_line(long_values[_i].written);
    ck_assert_msg(strcmp(line, expected) == 0,
                  "%zu bytes '%s' over the limit: expected %zu bytes, got %zu: %s", longer,
                  long_values[_i].written, strlen(expected), strlen(line), line);
}
END_TEST

/* The stream is in memory of its own, where a checker of memory sees what lies behind it. */
START_TEST(the_longest_line_fits_behind_a_stream_that_is_almost_full)
{
    struct access_log_stream *stream = malloc(sizeof *stream);
    struct access_log *log = open_log("longest");
    struct access_log_entry shortest = {.time = TIME, .status = 200};
    char bytes[8192];

    ck_assert_ptr_nonnull(stream);
    memset(bytes, '\xff', sizeof bytes);
    struct access_log_entry longest = long_entry(bytes, 1000);
    access_log_stream_init(stream, log);
    access_log_add(stream, &shortest);
    size_t length = stream->length;
    while (stream->length + length < ACCESS_LOG_FLUSH_SIZE) {
        access_log_add(stream, &shortest);
    }
    ck_assert(access_log_pending(stream));
    length = stream->length;
    access_log_add(stream, &longest);
    ck_assert(!access_log_pending(stream));
    access_log_stream_release(stream);
    free(stream);
    ck_assert_uint_eq(access_log_destroy(log), 0);
    ck_assert_str_eq(file_text("longest") + length, long_line("\\xff"));
}
END_TEST

static const struct {
    time_t time;
    const char *expected;
} times[] = {
    {971186136, TIME},
    {0, "01/Jan/1970:00:00:00 +0000"},
    {951782399, "28/Feb/2000:23:59:59 +0000"},
    {951782400, "29/Feb/2000:00:00:00 +0000"},
    {1735689599, "31/Dec/2024:23:59:59 +0000"},
    {4102444800, "01/Jan/2100:00:00:00 +0000"},
};

enum { TIMES = sizeof times / sizeof times[0] };

START_TEST(a_time_is_written_in_utc_wherever_the_server_stands)
{
    char text[ACCESS_LOG_TIME_TEXT];

    setenv("TZ", "ELSEWHERE+5:30", 1);
    tzset();
    access_log_format_time(times[_i].time, text);
    ck_assert_str_eq(text, times[_i].expected);
}
END_TEST

TCase *access_log_format(void)
{
    TCase *tcase = tcase_create("format");

    tcase_add_unchecked_fixture(tcase, file_tree_create, file_tree_remove);
    tcase_add_loop_test(tcase, an_entry_becomes_this_line, 0, LINES);
    tcase_add_loop_test(tcase, every_byte_is_written_as_itself_or_as_its_escape, 0, 256);
    tcase_add_loop_test(tcase, a_long_value_is_cut_before_it_is_escaped, 0, LONG_VALUES);
    tcase_add_test(tcase, the_longest_line_fits_behind_a_stream_that_is_almost_full);
    tcase_add_loop_test(tcase, a_time_is_written_in_utc_wherever_the_server_stands, 0, TIMES);
    return tcase;
}
