/*
 * Everything that chatd counts, as one table: the places where numbers are
 * kept, the text of /metrics, the lines for CloudWatch and docs/metrics.md are
 * made from it.
 *
 * X(id, kind, unit, label, emf, name, help)
 *   kind   COUNTER only grows; GAUGE is what there is now; HISTOGRAM counts
 *          observations by size.
 *   unit   COUNT, BYTES or SECONDS; seconds are kept as microseconds.
 *   label  NONE, or one of CHAT__LABELS: a number for each of its values.
 *   emf    SUM: CloudWatch gets it, over all values of its label; EACH: one
 *          for each value; NO: it does not.
 */
#ifndef CHAT_SERVER_OPS_METRICS_TABLE_H
#define CHAT_SERVER_OPS_METRICS_TABLE_H

/* clang-format off */
#define CHAT__METRICS_TABLE(X)                                                 \
    X(CONNECTIONS, GAUGE, COUNT, NONE, SUM, "chatd_connections",               \
      "Clients that are connected, with and without a session.")               \
    X(DELIVERIES, COUNTER, COUNT, NONE, SUM, "chatd_deliveries_total",         \
      "Entries handed to listeners of their room: each entry once for each "   \
      "listener.")                                                             \
    X(APPEND_SECONDS, HISTOGRAM, SECONDS, NONE, SUM, "chatd_append_seconds",   \
      "From handing a batch of entries to the store to its answer, which is "  \
      "after the sync.")                                                       \
    X(SLOW_READER_CLOSES, COUNTER, COUNT, NONE, SUM,                           \
      "chatd_slow_reader_closes_total",                                        \
      "Connections closed with 4008: they read so slowly that what waited "    \
      "for them passed its limit.")
/* clang-format on */

#endif
