#include "mutator.h"

#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS = 128, LONGEST_WORD = 40, MOST_STEPS = 4 };

static struct word {
    char bytes[LONGEST_WORD];
    size_t length;
} words[WORDS];

static size_t word_count;

/* From behind one double quote to the next. */
static struct word unescape(const char *text)
{
    struct word word = {.length = 0};

    while (*text != '"' && *text != '\0' && word.length < LONGEST_WORD) {
        unsigned code = (unsigned char)*text;
        size_t used = 1;
        if (*text == '\\') {
            bool number = sscanf(text, "\\x%2x", &code) == 1;
            used = number ? 4 : 2;
            code = number ? code : (unsigned char)text[1];
        }
        word.bytes[word.length++] = (char)code;
        text += used;
    }
    return word;
}

void mutator_read_dictionary(const char *path)
{
    char line[4 * LONGEST_WORD + 4];
    FILE *file = fopen(path, "re");

    fuzz_require(file != NULL, "%s cannot be read", path);
    while (word_count < WORDS && fgets(line, sizeof line, file) != NULL) {
        if (line[0] == '"') {
            words[word_count++] = unescape(line + 1);
        }
    }
    fclose(file);
    fuzz_require(word_count > 0, "%s has no words", path);
}

/* The input while it changes. */
struct mutant {
    char *bytes;
    size_t length;
    struct random_numbers *numbers;
};

static size_t any_place(struct mutant *mutant)
{
    return random_below(mutant->numbers, mutant->length + 1);
}

/* Puts bytes, which may be some of its own, in place of those from `at` to `to`. */
static void replace(struct mutant *mutant, size_t at, size_t to, const char *bytes, size_t length)
{
    char copy[MUTANT_MOST];
    size_t behind = mutant->length - to;

    if (at + length + behind > MUTANT_MOST) {
        return;
    }
    memcpy(copy, bytes, length);
    memmove(mutant->bytes + at + length, mutant->bytes + to, behind);
    memcpy(mutant->bytes + at, copy, length);
    mutant->length = at + length + behind;
}

static void change_byte(struct mutant *mutant)
{
    size_t at = any_place(mutant);

    if (at < mutant->length) {
        mutant->bytes[at] = (char)random_below(mutant->numbers, 256);
    }
}

static void flip_bit(struct mutant *mutant)
{
    size_t at = any_place(mutant);

    if (at < mutant->length) {
        mutant->bytes[at] = (char)(mutant->bytes[at] ^ (1 << random_below(mutant->numbers, 8)));
    }
}

static void insert_byte(struct mutant *mutant)
{
    char byte = (char)random_below(mutant->numbers, 256);
    size_t at = any_place(mutant);

    replace(mutant, at, at, &byte, 1);
}

static void insert_word(struct mutant *mutant)
{
    const struct word *word = &words[random_below(mutant->numbers, word_count)];
    size_t at = any_place(mutant);

    replace(mutant, at, at, word->bytes, word->length);
}

static size_t place_behind(struct mutant *mutant, size_t at)
{
    size_t left = mutant->length - at;

    return at + random_below(mutant->numbers, (left < 16 ? left : 16) + 1);
}

static void remove_some(struct mutant *mutant)
{
    size_t at = any_place(mutant);

    replace(mutant, at, place_behind(mutant, at), "", 0);
}

static void replace_by_word(struct mutant *mutant)
{
    const struct word *word = &words[random_below(mutant->numbers, word_count)];
    size_t at = any_place(mutant);

    replace(mutant, at, place_behind(mutant, at), word->bytes, word->length);
}

static void repeat_some(struct mutant *mutant)
{
    size_t from = any_place(mutant);
    size_t to = place_behind(mutant, from);
    size_t at = any_place(mutant);

    replace(mutant, at, at, mutant->bytes + from, to - from);
}

static void cut_off(struct mutant *mutant)
{
    mutant->length = any_place(mutant);
}

/* Begins as the one and ends as the other. */
static void cross(struct mutant *mutant, const struct seed *other)
{
    size_t from = random_below(mutant->numbers, other->length + 1);

    replace(mutant, any_place(mutant), mutant->length, other->bytes + from, other->length - from);
}

typedef void change(struct mutant *mutant);

size_t mutator_mutate(const struct seed *seed, const struct seed *other,
                      struct random_numbers *numbers, char *ret)
{
    static change *const changes[] = {
        change_byte, flip_bit,        insert_byte, insert_word,
        remove_some, replace_by_word, repeat_some, cut_off,
    };
    struct mutant mutant = {.bytes = ret, .numbers = numbers};
    size_t steps = 1 + random_below(numbers, MOST_STEPS);

    replace(&mutant, 0, 0, seed->bytes, seed->length);
    if (random_below(numbers, 8) == 0) {
        cross(&mutant, other);
    }
    while (steps-- > 0) {
        changes[random_below(numbers, sizeof changes / sizeof changes[0])](&mutant);
    }
    return mutant.length;
}
