#include "capture.h"

#include <check.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

void capture_begin(struct capture *capture, int stream)
{
    fflush(NULL);
    capture->stream = stream;
    capture->saved = dup(stream);
    capture->file = memfd_create("capture", MFD_CLOEXEC);
    ck_assert_int_ge(capture->saved, 0);
    ck_assert_int_ge(capture->file, 0);
    ck_assert_int_ge(dup2(capture->file, stream), 0);
}

void capture_end(struct capture *capture)
{
    fflush(NULL);
    ck_assert_int_ge(dup2(capture->saved, capture->stream), 0);
    ssize_t length = pread(capture->file, capture->text, sizeof capture->text, 0);
    ck_assert_int_ge((int)length, 0);
    ck_assert_int_lt((int)length, CAPTURE_TEXT);
    capture->text[length] = '\0';
    close(capture->saved);
    close(capture->file);
}

int capture_lines(const struct capture *capture)
{
    int lines = 0;

    for (const char *at = capture->text; *at != '\0'; at++) {
        lines += *at == '\n' || at[1] == '\0';
    }
    return lines;
}
