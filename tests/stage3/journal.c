#include "journal.h"

#include "container_of.h"
#include "footprint.h"

#include <check.h>
#include <stdarg.h>
#include <stdio.h>

void journal_write(struct journal *journal, const char *format, ...)
{
    char *end = journal->text + journal->length;
    size_t room = sizeof journal->text - journal->length;
    va_list arguments;

    if (journal->length > 0) {
        *end++ = ' ';
        room--;
    }
    va_start(arguments, format);
    int written = vsnprintf(end, room, format, arguments);
    va_end(arguments);
    ck_assert_msg(written >= 0 && (size_t)written < room - 1, "the journal is full: %s",
                  journal->text);
    journal->length = (size_t)(end - journal->text) + (size_t)written;
}

static void run_note(struct mailbox_task *task)
{
    struct note *note = container_of(task, struct note, task);

    journal_write(note->journal, "+%d", note->number);
}

static void drop_note(struct mailbox_task *task)
{
    struct note *note = container_of(task, struct note, task);

    journal_write(note->journal, "-%d", note->number);
}

void notes_init(struct note *notes, size_t count, struct journal *journal, int first)
{
    for (size_t i = 0; i < count; i++) {
        notes[i] = (struct note){
            .task = {.run = run_note, .drop = drop_note},
            .journal = journal,
            .number = first + (int)i,
        };
    }
}

struct posting {
    struct note *notes;
    size_t count;
    struct mailbox *mailbox;
    int result;
};

static void post(void *opaque)
{
    struct posting *posting = opaque;

    for (size_t i = 0; i < posting->count && posting->result == 0; i++) {
        posting->result = mailbox_queue_in_loop(posting->mailbox, &posting->notes[i].task);
    }
}

void notes_post(struct note *notes, size_t count, struct mailbox *mailbox)
{
    struct posting posting = {.notes = notes, .count = count, .mailbox = mailbox};

    on_another_thread(post, &posting);
    ck_assert_msg(posting.result == 0, "posting: expected 0, got %d", posting.result);
}
