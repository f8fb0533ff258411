#include "client/log_output.h"
#include "client/json_lines.h"

#include <stdio.h>

static bool print(struct chat__log_output *output, const chat_entry *entry)
{
    if (entry->seq <= output->printed) {
        return true;
    }
    output->printed = entry->seq;
    output->newest_ms = entry->time_ms;
    return chat__json_lines_entry(stdout, entry->json, entry->json_length);
}

bool chat__log_output_entry(struct chat__log_output *output,
                            const chat_entry *entry)
{
    if (output->reloading == 0) {
        return print(output, entry);
    }
    output->missed = entry->seq; /* a page brings it */
    return true;
}

void chat__log_output_give_up(struct chat__log_output *output)
{
    output->reloading = 0;
    if (output->missed > output->printed) {
        output->printed = output->missed;
    }
}

static void ask(struct chat__log_output *output)
{
    if (chat_history(output->client, output->room, 0, CHAT__RELOAD_PAGE,
                     &output->reloading) != CHAT_OK) {
        chat__log_output_give_up(output);
    }
}

void chat__log_output_reset(struct chat__log_output *output)
{
    output->printed = 0;
    output->missed = 0;
    ask(output);
}

/* The time never falls along a log, nor from the lost one to this. */
static size_t skip_printed(const struct chat__log_output *output,
                           const chat_history_event *page)
{
    size_t i = 0;

    while (output->printed == 0 && i < page->count &&
           page->entries[i]->time_ms <= output->newest_ms) {
        i++;
    }
    return i;
}

bool chat__log_output_reload(struct chat__log_output *output,
                             const chat_history_event *page)
{
    size_t i = skip_printed(output, page);
    bool written = true;

    if (i > 0 && i == page->count) {
        output->printed = page->entries[i - 1]->seq;
    }
    for (; written && i < page->count; i++) {
        written = print(output, page->entries[i]);
    }
    if (page->count > 0 && output->printed < output->missed) {
        ask(output);
    } else {
        chat__log_output_give_up(output);
    }
    return written;
}
