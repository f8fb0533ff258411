#include "server/ops/metrics_row.h"

#include <inttypes.h>
#include <stdio.h>

#define MICROSECONDS 1000000

const struct chat__metric_row chat__metric_rows[] = {
#define X(id, kind, unit, label, emf, name, help)                              \
    {CHAT__METRIC_##id,                                                        \
     CHAT__METRIC_##kind,                                                      \
     CHAT__METRIC_UNIT_##unit,                                                 \
     CHAT__LABEL_##label,                                                      \
     CHAT__METRIC_EMF_##emf,                                                   \
     name,                                                                     \
     help},
    CHAT__METRICS_TABLE(X)
#undef X
};

const size_t chat__metric_row_count =
    sizeof chat__metric_rows / sizeof *chat__metric_rows;

const char *chat__metric_kind_name(enum chat__metric_kind kind)
{
    static const char *const names[] = {
        [CHAT__METRIC_COUNTER] = "counter",
        [CHAT__METRIC_GAUGE] = "gauge",
        [CHAT__METRIC_HISTOGRAM] = "histogram",
    };

    return names[kind];
}

/* ---- labels ---- */

#define WORD(id, word)        word,
#define CODED(id, word, code) word,
#define NAMED(id, name)       #name,
#define WORDS(function, list, form)                                            \
    static const char *function(size_t value)                                  \
    {                                                                          \
        static const char *const words[] = {list(form)};                       \
                                                                               \
        return words[value];                                                   \
    }

WORDS(handshake_word, CHAT__HANDSHAKES, WORD)
WORDS(close_word, CHAT__CLOSES, CODED)
WORDS(call_word, CHAT__STORE_CALLS, NAMED)
WORDS(answer_word, CHAT__STORE_ANSWERS, WORD)
WORDS(rate_word, CHAT__RATES, WORD)
WORDS(direction_word, CHAT__DIRECTIONS, WORD)
WORDS(password_word, CHAT__PASSWORDS, WORD)
WORDS(notice_word, CHAT__NOTICES, WORD)
WORDS(cached_word, CHAT__CACHED, WORD)
WORDS(tail_word, CHAT__TAILS, WORD)
WORDS(gateway_word, CHAT__GATEWAY_REQUESTS, WORD)
WORDS(gateway_session_word, CHAT__GATEWAY_SESSIONS, WORD)
WORDS(gateway_post_word, CHAT__GATEWAY_POSTS, WORD)

static const char *action_word(size_t value)
{
    return chat__action_name((enum chat__action)value);
}

static const char *reply_word(size_t value)
{
    return value == CHAT__ERROR_NONE
               ? "ok"
               : chat__error_name((enum chat__error_code)value);
}

const struct chat__metric_label chat__metric_labels[CHAT__LABEL_COUNT] = {
#define X(id, name, count, word) [CHAT__LABEL_##id] = {name, count, word},
    CHAT__LABELS_TABLE(X)
#undef X
};

/* ---- numbers ---- */

/* Without zeros at the end. */
static void put_fraction(struct chat__buffer *text, uint64_t millionths)
{
    char digits[24];
    size_t length =
        (size_t)snprintf(digits, sizeof digits, ".%06" PRIu64, millionths);

    while (digits[length - 1] == '0')
        length--;
    chat__buffer_append(text, digits, length);
}

void chat__metric_put(struct chat__buffer *text, enum chat__metric_unit unit,
                      uint64_t value)
{
    bool seconds = unit == CHAT__METRIC_UNIT_SECONDS;
    char number[24];

    snprintf(number, sizeof number, "%" PRIu64,
             seconds ? value / MICROSECONDS : value);
    chat__buffer_append_string(text, number);
    if (seconds && value % MICROSECONDS > 0)
        put_fraction(text, value % MICROSECONDS);
}
