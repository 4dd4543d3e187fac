/* caught-by: no_byte_of_a_line_is_lost */
/* A megabyte ought to be enough for a line, and the copy of it is small. */
#include "diagnosis.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN = 4 };

static const char OWN_LOG[] = "08:00 start\n"
                              "08:00 port 8080\n"
                              "08:02 client 5\n"
                              "08:02 GET /a 200\n"
                              "08:02 GET /b 404 no such file\n"
                              "08:03 client gone\n";

char *line_read(FILE *file);

/* Returns the next line without its newline, for the caller to free; NULL: the end, or no memory. */
char *line_read(FILE *file)
{
    static char large[1 << 20];

    if (fgets(large, sizeof large, file) == NULL) {
        return NULL;
    }
    large[strcspn(large, "\n")] = '\0';
    return strdup(large);
}

/* The last lines, in a ring: `next` is the place of the oldest one. */
struct tail {
    char *lines[SHOWN];
    size_t next;
};

static void tail_push(struct tail *tail, char *line)
{
    free(tail->lines[tail->next]);
    tail->lines[tail->next] = line;
    tail->next = (tail->next + 1) % SHOWN;
}

static void tail_print(const struct tail *tail)
{
    for (size_t i = 0; i < SHOWN; i++) {
        const char *line = tail->lines[(tail->next + i) % SHOWN];
        if (line != NULL) {
            printf("%3zu bytes: %s\n", strlen(line), line);
        }
    }
}

static void tail_release(struct tail *tail)
{
    for (size_t i = 0; i < SHOWN; i++) {
        free(tail->lines[i]);
    }
}

static FILE *own_log(void)
{
    FILE *file = tmpfile();

    if (file != NULL) {
        fputs(OWN_LOG, file);
        rewind(file);
    }
    return file;
}

int main(int argc, char **argv)
{
    struct tail tail = {0};
    FILE *file = argc > 1 ? fopen(argv[1], "r") : own_log();
    char *line;

    if (file == NULL) {
        fprintf(stderr, "cannot read %s: %s\n", argc > 1 ? argv[1] : "the log", strerror(errno));
        return EXIT_FAILURE;
    }
    while ((line = line_read(file)) != NULL) {
        tail_push(&tail, line);
    }
    tail_print(&tail);
    tail_release(&tail);
    fclose(file);
    return EXIT_SUCCESS;
}

/* What you find out before you repair anything; exercises/grader/diagnosis.h has the words. */
const struct diagnosis diagnosis = {
    .line = 59,
    .bug = BUG_OFF_BY_ONE,
    .tool = TOOL_ADDRESS_SANITIZER,
};
