/*
 * The grader of B-terminator. The lines have every length up to some hundreds, so that no growth
 * of the memory has a length that is never tried; the address sanitizer looks on.
 */
#include "diagnosis.h"
#include "grader.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *line_read(FILE *file);

static const char TEXT[] = "a line comes as a string, without its newline (contract, 4)";
static const char END[] = "after the last line there is NULL (contract, 5)";
static const char WHOLE[] = "a line has all its bytes, however long it is (contract, 4)";
static const char SMALL[] =
    "a line of n bytes, up to 1,000, takes at most 2 n + 256 of memory (contract, 7)";

enum { EVERY_LENGTH_BELOW = 1001, LONGEST = 1 << 17, HUGE_LINE = 3000000 };

START_TEST(the_line_is_found)
{
    /* The test that lets the room become full is as good an answer as what happens then. */
    if (!diagnosis_line_is_between("if (length == capacity)", "line = grow(")) {
        diagnosis_expect_line("line[length] = '\\0'", "line[length] = '\\0'");
    }
}
END_TEST

START_TEST(the_kind_is_named)
{
    diagnosis_expect_bug(BUG_OFF_BY_ONE);
}
END_TEST

START_TEST(the_tool_shows_it)
{
    diagnosis_expect_tool(1U << TOOL_ADDRESS_SANITIZER);
}
END_TEST

static FILE *file_of(const char *text)
{
    FILE *file = tmpfile();

    ck_assert_msg(file != NULL, "the grader has no temporary file");
    fputs(text, file);
    rewind(file);
    return file;
}

static void expect_line(FILE *file, const char *expected)
{
    char *line = line_read(file);

    grader_expect(line != NULL, TEXT, "expected '%s', got NULL", expected);
    grader_expect(strcmp(line, expected) == 0, TEXT, "expected '%s', got '%s'", expected, line);
    free(line);
}

static void expect_end(FILE *file)
{
    char *line = line_read(file);

    grader_expect(line == NULL, END, "expected NULL, got '%s'", line);
    fclose(file);
}

START_TEST(a_line_belongs_to_the_caller)
{
    static const char KEPT[] = "a line belongs to the caller, who frees it (contract, 6)";
    FILE *file = file_of("first\nsecond\n");

    grader_step("two lines are read, and both are kept");
    char *first = line_read(file);
    char *second = line_read(file);
    grader_expect(first != NULL && second != NULL && first != second, KEPT,
                  "expected two strings, got %p and %p", (void *)first, (void *)second);
    grader_expect(strcmp(first, "first") == 0, KEPT, "expected 'first' to stay, got '%s'", first);
    free(first);
    free(second);
    expect_end(file);
}
END_TEST

START_TEST(a_line_comes_without_its_newline)
{
    grader_step("a file with 'one', an empty line, 'three'");
    FILE *file = file_of("one\n\nthree\n");
    expect_line(file, "one");
    expect_line(file, "");
    expect_line(file, "three");
    expect_end(file);
}
END_TEST

START_TEST(the_last_line_may_lack_its_newline)
{
    grader_step("a file with 'one' and 'two', the second without a newline");
    FILE *file = file_of("one\ntwo");
    expect_line(file, "one");
    expect_line(file, "two");
    expect_end(file);
    grader_step("an empty file");
    expect_end(file_of(""));
}
END_TEST

/* The byte at this place of a line of this length: neighbours differ, and so do lines. */
static char byte_at(size_t length, size_t place)
{
    return (char)('a' + (length + place * 7) % 26);
}

static size_t lengths[EVERY_LENGTH_BELOW + 65];
static size_t length_count;

/* Every short length, and those around the powers of two. */
static void choose_lengths(void)
{
    length_count = 0;
    for (size_t length = 0; length < EVERY_LENGTH_BELOW; length++) {
        lengths[length_count++] = length;
    }
    for (size_t power = 1024; power <= LONGEST; power *= 2) {
        lengths[length_count++] = power - 1;
        lengths[length_count++] = power;
        lengths[length_count++] = power + 1;
    }
    /* Longer than a buffer that somebody may have thought to be large enough for all lines. */
    lengths[length_count++] = HUGE_LINE;
}

static FILE *file_of_all_lengths(void)
{
    FILE *file = tmpfile();

    ck_assert_msg(file != NULL, "the grader has no temporary file");
    for (size_t i = 0; i < length_count; i++) {
        for (size_t place = 0; place < lengths[i]; place++) {
            putc(byte_at(lengths[i], place), file);
        }
        putc('\n', file);
    }
    rewind(file);
    return file;
}

START_TEST(nothing_is_written_past_the_end)
{
    grader_step("lines of all lengths from 0 to %d, and around each power of two up to %d",
                EVERY_LENGTH_BELOW - 1, LONGEST);
    FILE *file = file_of_all_lengths();
    char *line;

    /* Who writes outside is stopped by the sanitizer; the next check looks at the bytes. */
    while ((line = line_read(file)) != NULL) {
        free(line);
    }
    fclose(file);
}
END_TEST

START_TEST(a_last_line_of_any_length_may_lack_its_newline)
{
    static char text[EVERY_LENGTH_BELOW];

    grader_step("files of one line without a newline, of all lengths from 1 to %d",
                EVERY_LENGTH_BELOW - 1);
    for (size_t length = 1; length < EVERY_LENGTH_BELOW; length++) {
        memset(text, 'x', length);
        FILE *file = fmemopen(text, length, "r");
        ck_assert_msg(file != NULL, "the grader has no file");
        char *line = line_read(file);
        grader_expect(line != NULL && strlen(line) == length, WHOLE,
                      "the last line: expected %zu bytes, got %zu", length,
                      line != NULL ? strlen(line) : 0);
        free(line);
        expect_end(file);
    }
}
END_TEST

static void expect_whole(const char *line, size_t length)
{
    grader_expect(line != NULL, WHOLE, "a line of %zu bytes: expected a string, got NULL", length);
    grader_expect(strlen(line) == length, WHOLE, "a line of %zu bytes: expected them, got %zu",
                  length, strlen(line));
    for (size_t place = 0; place < length; place++) {
        grader_expect(line[place] == byte_at(length, place), WHOLE,
                      "a line of %zu bytes: expected '%c' as byte %zu, got '%c'", length,
                      byte_at(length, place), place, line[place]);
    }
}

START_TEST(no_byte_of_a_line_is_lost)
{
    grader_step("lines of all lengths from 0 to %d, and around each power of two up to %d",
                EVERY_LENGTH_BELOW - 1, LONGEST);
    FILE *file = file_of_all_lengths();

    for (size_t i = 0; i < length_count; i++) {
        char *line = line_read(file);
        expect_whole(line, lengths[i]);
        free(line);
    }
    expect_end(file);
}
END_TEST

START_TEST(a_short_line_takes_little_memory)
{
    FILE *file = file_of_all_lengths();

    grader_step("lines of all lengths from 0 to %d", EVERY_LENGTH_BELOW - 1);
    for (size_t length = 0; length < EVERY_LENGTH_BELOW; length++) {
        char *line = line_read(file);
        size_t taken = malloc_usable_size(line);
        grader_expect(taken <= 2 * length + 256, SMALL,
                      "a line of %zu bytes: expected at most %zu of memory, got %zu", length,
                      2 * length + 256, taken);
        free(line);
    }
    fclose(file);
}
END_TEST

int main(int argc, char **argv)
{
    grader_group("diagnosis", NULL, NULL);
    grader_add(the_line_is_found);
    grader_add(the_kind_is_named);
    grader_add(the_tool_shows_it);
    grader_group("repair", choose_lengths, NULL);
    grader_add(a_line_belongs_to_the_caller);
    grader_add(a_line_comes_without_its_newline);
    grader_add(the_last_line_may_lack_its_newline);
    grader_add(nothing_is_written_past_the_end);
    grader_add(no_byte_of_a_line_is_lost);
    grader_add(a_last_line_of_any_length_may_lack_its_newline);
    grader_add(a_short_line_takes_little_memory);
    return grader_run(argc, argv);
}
