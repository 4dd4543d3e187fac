#include "test_access_log.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NOW "10/Oct/2000:13:55:36 +0000"
#define FILLER_50 "a user agent that is as long as those of browsers "
#define FILLER FILLER_50 FILLER_50 FILLER_50 FILLER_50 FILLER_50 FILLER_50 FILLER_50 FILLER_50

struct access_log *open_log(const char *name)
{
    struct access_log *log = NULL;
    int result = access_log_create(file_tree_path(name), &log);

    ck_assert_msg(result == 0, "%s: %s", name, strerror(-result));
    return log;
}

const char *file_text(const char *name)
{
    static char text[4 * 1024 * 1024];
    FILE *file = fopen(file_tree_path(name), "re");

    ck_assert_msg(file != NULL, "%s: %s", name, strerror(errno));
    size_t length = fread(text, 1, sizeof text - 1, file);
    ck_assert_uint_lt(length, sizeof text - 1);
    text[length] = '\0';
    fclose(file);
    return text;
}

size_t read_now(int fd, char *ret_bytes, size_t capacity)
{
    ssize_t n = read(fd, ret_bytes, capacity);

    ck_assert_msg(n >= 0 || errno == EAGAIN, "the reader: %s", strerror(errno));
    return n > 0 ? (size_t)n : 0;
}

void add_numbered(struct access_log_stream *stream, unsigned writer, unsigned number)
{
    char request[64];
    int length = snprintf(request, sizeof request, "GET /%u/%u HTTP/1.1", writer, number);

    access_log_add(stream, &(struct access_log_entry){
                               .address = SPAN("127.0.0.1"),
                               .time = NOW,
                               .request_line = {request, (size_t)length},
                               .status = 200,
                               .user_agent = SPAN(FILLER),
                           });
}

void numbered_line(unsigned writer, unsigned number, char ret_line[static LINE_ROOM])
{
    snprintf(ret_line, LINE_ROOM,
             "127.0.0.1 - - [" NOW "] \"GET /%u/%u HTTP/1.1\" 200 - \"-\" \"" FILLER "\"\n", writer,
             number);
}

unsigned check_numbered(const char *text, unsigned next[static MOST_WRITERS])
{
    unsigned count = 0;

    while (*text != '\0') {
        unsigned writer = MOST_WRITERS;
        unsigned number = 0;
        char expected[LINE_ROOM];
        sscanf(text, "127.0.0.1 - - [" NOW "] \"GET /%u/%u ", &writer, &number);
        numbered_line(writer, number, expected);
        ck_assert_msg(writer < MOST_WRITERS && strncmp(text, expected, strlen(expected)) == 0,
                      "line %u: expected one of add_numbered, got: %.600s", count + 1, text);
        ck_assert_msg(number >= next[writer], "writer %u: expected number %u or later, got %u",
                      writer, next[writer], number);
        next[writer] = number + 1;
        text += strlen(expected);
        count++;
    }
    return count;
}

int main(void)
{
    Suite *suite = suite_create("access_log");

    signal(SIGPIPE, SIG_IGN);
    suite_add_tcase(suite, access_log_format());
    suite_add_tcase(suite, access_log_files());
    suite_add_tcase(suite, access_log_drops());
    return run_suite(suite);
}
