/* caught-by: a_last_line_of_any_length_may_lack_its_newline, under address */
/* Makes room for the terminator where a newline is found; the last line may have none. */
#include "diagnosis.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 16, SHOWN = 4 };

static const char OWN_LOG[] = "08:00 start\n"
                              "08:00 port 8080\n"
                              "08:02 client 5\n"
                              "08:02 GET /a 200\n"
                              "08:02 GET /b 404 no such file\n"
                              "08:03 client gone\n";

char *line_read(FILE *file);

/* Twice the room, so that a long line is not copied for every byte. Returns NULL: no memory. */
static char *grow(char *line, size_t *capacity)
{
    char *longer = realloc(line, 2 * *capacity);

    if (longer == NULL) {
        free(line);
        return NULL;
    }
    *capacity *= 2;
    return longer;
}

/* Returns the next line without its newline, for the caller to free; NULL: the end, or no memory. */
char *line_read(FILE *file)
{
    size_t capacity = FIRST_CAPACITY;
    size_t length = 0;
    int next = getc(file);

    if (next == EOF) {
        return NULL;
    }
    char *line = malloc(capacity);
    while (line != NULL && next != EOF && next != '\n') {
        if (length == capacity) {
            line = grow(line, &capacity);
        }
        if (line != NULL) {
            line[length] = (char)next;
            length++;
            next = getc(file);
        }
    }
    if (line != NULL && next == '\n' && length == capacity) {
        line = grow(line, &capacity);
    }
    if (line != NULL) {
        line[length] = '\0';
    }
    return line;
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
