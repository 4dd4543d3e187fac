/*
 * capture: what a piece of code writes to standard output or standard error, as text.
 *
 * Between begin and end the stream goes to an anonymous file. One capture per stream at a time; a
 * failing assertion in between is still reported, because Check's report does not go through these
 * streams.
 */
#ifndef CAPTURE_H
#define CAPTURE_H

enum { CAPTURE_TEXT = 8192 };

struct capture {
    int stream; /* STDOUT_FILENO or STDERR_FILENO */
    int saved;
    int file;
    char text[CAPTURE_TEXT]; /* good after capture_end, ended by NUL */
};

void capture_begin(struct capture *capture, int stream);

/* Fails the test if there was more text than fits. */
void capture_end(struct capture *capture);

/* How many lines the text has; a last one without newline counts, too. */
int capture_lines(const struct capture *capture);

#endif
