/*
 * Everything that chatd counts, as one table: the places where numbers are
 * kept, the text of /metrics, the lines for CloudWatch and docs/metrics.md are
 * made from it.
 *
 * X(id, kind, unit, label, emf, name, help)
 *   kind   COUNTER only grows; GAUGE is what there is now; HISTOGRAM counts
 *          observations by size.
 *   unit   COUNT, BYTES or SECONDS; seconds are kept as microseconds.
 *   label  NONE, or one of CHAT__LABELS_TABLE: a number for each of its values.
 *   emf    SUM: CloudWatch gets it, over all values of its label; EACH: one
 *          for each value; NO: it does not.
 */
#ifndef CHAT_SERVER_OPS_METRICS_TABLE_H
#define CHAT_SERVER_OPS_METRICS_TABLE_H

#include "server/ops/metrics_label.h"

/* clang-format off */
#define CHAT__METRICS_TABLE(X)                                                 \
    X(BUILD_INFO, GAUGE, COUNT, BUILD, NO, "chatd_build_info",                 \
      "Always 1; its labels say which chatd this is.")                         \
    X(CONNECTIONS, GAUGE, COUNT, NONE, SUM, "chatd_connections",               \
      "Clients that are connected, with and without a session.")               \
    X(SESSIONS, GAUGE, COUNT, NONE, SUM, "chatd_sessions",                     \
      "Connections whose hello was answered.")                                 \
    X(USERS, GAUGE, COUNT, NONE, NO, "chatd_users",                            \
      "Users in memory: those who are connected, and some who were.")          \
    X(ROOMS, GAUGE, COUNT, NONE, NO, "chatd_rooms",                            \
      "Rooms in memory.")                                                      \
    X(SOCKETS, GAUGE, COUNT, NONE, NO, "chatd_sockets",                        \
      "Accepted sockets: clients, handshakes under way, and HTTP.")            \
    X(SOCKETS_REFUSED, COUNTER, COUNT, NONE, NO,                               \
      "chatd_sockets_refused_total",                                           \
      "Sockets closed at once, because their address had too many "            \
      "handshakes under way.")                                                 \
    X(HANDSHAKES, COUNTER, COUNT, HANDSHAKE, EACH, "chatd_handshakes_total",   \
      "Requests to become a WebSocket, by how they were answered.")            \
    X(CLOSES, COUNTER, COUNT, CLOSE, NO, "chatd_closes_total",                 \
      "Connections that have ended, by why.")                                  \
    X(SLOW_READER_CLOSES, COUNTER, COUNT, NONE, SUM,                           \
      "chatd_slow_reader_closes_total",                                        \
      "Connections closed with 4008: they read so slowly that what "           \
      "waited for them passed its limit.")                                     \
    X(FRAMES_RECEIVED, COUNTER, COUNT, NONE, SUM,                              \
      "chatd_frames_received_total",                                           \
      "Whole messages of clients.")                                            \
    X(BYTES_RECEIVED, COUNTER, BYTES, NONE, SUM, "chatd_received_bytes_total", \
      "Bytes of these messages.")                                              \
    X(FRAMES_SENT, COUNTER, COUNT, NONE, NO, "chatd_frames_sent_total",        \
      "WebSocket frames written, or queued to be written, for one "            \
      "client each.")                                                          \
    X(WRITES, COUNTER, COUNT, NONE, NO, "chatd_writes_total",                  \
      "Writes of one or more frames to a client; frames over writes is "       \
      "how well they are put together.")                                       \
    X(BYTES_SENT, COUNTER, BYTES, NONE, SUM, "chatd_sent_bytes_total",         \
      "Bytes of these writes.")                                                \
    X(OUTPUT_BYTES, GAUGE, BYTES, NONE, SUM, "chatd_output_queue_bytes",       \
      "What waits for clients that read slowly; a frame that several "         \
      "wait for counts for each.")                                             \
    X(DROPPED, COUNTER, COUNT, NONE, NO, "chatd_dropped_events_total",         \
      "Typing and presence that was not queued for a client, because "         \
      "too much waited for it already.")                                       \
    X(REQUESTS, COUNTER, COUNT, ACTION, NO, "chatd_requests_total",            \
      "Requests that could be read, by action.")                               \
    X(REPLIES, COUNTER, COUNT, REPLY, EACH, "chatd_replies_total",             \
      "Answers to requests, by result: ok or the code of the error.")          \
    X(RATE_LIMITED, COUNTER, COUNT, RATE, SUM, "chatd_rate_limited_total",     \
      "Requests refused because their sender asks too often, by class "        \
      "of request.")                                                           \
    X(RATE_HEARD, COUNTER, COUNT, NONE, NO, "chatd_rate_heard_total",          \
      "Requests that other servers let pass and that count here as well, of "  \
      "those who come near their rate.")                                       \
    X(DUPLICATES, COUNTER, COUNT, NONE, SUM, "chatd_duplicates_total",         \
      "Requests whose key had been used for the same before: answered "        \
      "again, not done again.")                                                \
    X(ACK_SECONDS, HISTOGRAM, SECONDS, NONE, SUM, "chatd_ack_seconds",         \
      "From reading a request that has a key to its ok, which leaves "         \
      "at the end of the pass.")                                               \
    X(APPEND_SECONDS, HISTOGRAM, SECONDS, NONE, SUM, "chatd_append_seconds",   \
      "From handing a batch of entries to the store to its answer, "           \
      "which is after the sync.")                                              \
    X(APPEND_ENTRIES, HISTOGRAM, COUNT, NONE, NO, "chatd_append_entries",      \
      "Entries of a batch.")                                                   \
    X(APPEND_WAITING, GAUGE, BYTES, NONE, NO, "chatd_append_waiting_bytes",    \
      "Requests with a key that are not answered yet.")                        \
    X(DELIVERIES, COUNTER, COUNT, NONE, SUM, "chatd_deliveries_total",         \
      "Entries handed to listeners of their room: each entry once for "        \
      "each listener.")                                                        \
    X(DELIVERY_SECONDS, HISTOGRAM, SECONDS, NONE, SUM,                         \
      "chatd_delivery_seconds",                                                \
      "From the first commit that a delivery has to its last write.")          \
    X(CAUGHT_UP, COUNTER, COUNT, NONE, NO, "chatd_caught_up_entries_total",    \
      "Entries that listeners got from the log, before they were live "        \
      "or because memory was short.")                                          \
    X(RESUME_ENTRIES, HISTOGRAM, COUNT, NONE, NO, "chatd_resume_entries",      \
      "Entries that a resumed room had missed.")                               \
    X(RESUMES_REFUSED, COUNTER, COUNT, NONE, SUM,                              \
      "chatd_resumes_refused_total",                                           \
      "Rooms that a hello asked to resume and has to page instead: too "       \
      "much was missed, or the log began anew.")                               \
    X(HISTORY_PAGES, COUNTER, COUNT, DIRECTION, NO,                            \
      "chatd_history_pages_total",                                             \
      "Pages of history. Those after an entry fill gaps.")                     \
    X(RELAY_LOST, COUNTER, COUNT, NONE, SUM, "chatd_relay_lost_total",         \
      "Deliveries to clients of API Gateway that were given up before "        \
      "anything was sent: the directory had no answer, or too much waited.")   \
    X(GATEWAY_REQUESTS, COUNTER, COUNT, GATEWAY, EACH,                         \
      "chatd_gateway_requests_total",                                          \
      "Requests of API Gateway, by what they were, or how refused.")           \
    X(GATEWAY_SEATS, GAUGE, COUNT, NONE, SUM, "chatd_gateway_seats",           \
      "Connections of API Gateway that spoke to this task a short while "      \
      "ago.")                                                                  \
    X(GATEWAY_SESSIONS, COUNTER, COUNT, GATEWAY_SESSION, EACH,                 \
      "chatd_gateway_sessions_total",                                          \
      "Looks for the session of a connection, by what was found.")             \
    X(GATEWAY_POSTS, COUNTER, COUNT, GATEWAY_POST, EACH,                       \
      "chatd_gateway_posts_total",                                             \
      "Requests to API Gateway's @connections, by how they went.")             \
    X(GATEWAY_POST_SECONDS, HISTOGRAM, SECONDS, NONE, SUM,                     \
      "chatd_gateway_post_seconds",                                            \
      "From the start of such a request to its answer.")                       \
    X(GATEWAY_OBJECTS, COUNTER, COUNT, NONE, SUM,                              \
      "chatd_gateway_objects_total",                                           \
      "Objects that these carried; over posts it is how well they are "        \
      "packed.")                                                               \
    X(GATEWAY_QUEUE_BYTES, GAUGE, BYTES, NONE, SUM,                            \
      "chatd_gateway_queue_bytes",                                             \
      "What waits for @connections.")                                          \
    X(STORE_CALLS, COUNTER, COUNT, CALL, NO, "chatd_store_calls_total",        \
      "Calls of the store, by operation.")                                     \
    X(STORE_ANSWERS, COUNTER, COUNT, ANSWER, EACH,                             \
      "chatd_store_answers_total",                                             \
      "Answers of the store, by result.")                                      \
    X(STORE_SECONDS, HISTOGRAM, SECONDS, NONE, NO, "chatd_store_seconds",      \
      "From asking the store for anything to its answer.")                     \
    X(STORE_WAITING, GAUGE, COUNT, NONE, SUM, "chatd_store_waiting_calls",     \
      "Calls of the store that are not answered yet.")                         \
    X(REDIS_CONNECTED, GAUGE, COUNT, NONE, SUM, "chatd_redis_connected",       \
      "1 while what this server publishes over Redis comes back to it; 0 "     \
      "while other servers' entries are polled.")                              \
    X(REDIS_LOST, COUNTER, COUNT, NONE, SUM, "chatd_redis_lost_total",         \
      "Connections to Redis that were lost; each is made anew.")               \
    X(REDIS_REFUSED, COUNTER, COUNT, NONE, SUM, "chatd_redis_refused_total",   \
      "What came from Redis and no server of these tables had sealed, or "     \
      "came twice.")                                                           \
    X(BUS_NOTICES, COUNTER, COUNT, NOTICE, EACH, "chatd_bus_notices_total",    \
      "What servers tell each other, by what became of it.")                   \
    X(CACHE_ANSWERS, COUNTER, COUNT, CACHED, NO, "chatd_cache_answers_total",  \
      "What was asked of the cache, by its answer, or that none came in time.")    \
    X(TAIL_READS, COUNTER, COUNT, TAIL, NO, "chatd_tail_reads_total",          \
      "Reads of what listeners had missed of a room, by whether the cache "    \
      "had it all; for the rest the store was asked.")                         \
    X(PASSWORDS, COUNTER, COUNT, PASSWORD, NO, "chatd_passwords_total",        \
      "Passwords verified or hashed, by result.")                              \
    X(PASSWORDS_WAITING, GAUGE, COUNT, NONE, NO, "chatd_passwords_waiting",    \
      "Passwords that wait for a thread, or have it.")                         \
    X(LOOP_LAG_SECONDS, HISTOGRAM, SECONDS, NONE, SUM,                         \
      "chatd_loop_lag_seconds",                                                \
      "How late a timer fires: what every client waits beside its own "        \
      "work.")                                                                 \
    X(LOOP_PASS_SECONDS, HISTOGRAM, SECONDS, NONE, NO,                         \
      "chatd_loop_pass_seconds",                                               \
      "Work of one pass of the loop, without the wait for events.")            \
    X(LOG_DROPPED, COUNTER, COUNT, NONE, SUM, "chatd_log_lines_dropped_total", \
      "Lines of the log that were not written, because its reader is "         \
      "slow.")                                                                 \
    X(TRACE_SPANS_SENT, COUNTER, COUNT, NONE, NO,                              \
      "chatd_trace_spans_sent_total",                                          \
      "Spans that a collector of traces has taken.")                           \
    X(TRACE_SPANS_DROPPED, COUNTER, COUNT, NONE, SUM,                          \
      "chatd_trace_spans_dropped_total",                                       \
      "Spans for which there was no place, because the collector is slow.")    \
    X(TRACE_SPANS_FAILED, COUNTER, COUNT, NONE, SUM,                           \
      "chatd_trace_spans_failed_total",                                        \
      "Spans that the collector did not take, or that did not reach it.")      \
    X(READY, GAUGE, COUNT, NONE, SUM, "chatd_ready",                           \
      "1 while the server should be sent clients; /readyz says why "           \
      "not.")                                                                  \
    X(DRAINING, GAUGE, COUNT, NONE, SUM, "chatd_draining",                     \
      "1 from when the server takes no more clients until it ends.")           \
    X(PROCESS_CPU, COUNTER, SECONDS, NONE, SUM, "process_cpu_seconds_total",   \
      "Processor time, of the program and of the kernel for it.")              \
    X(PROCESS_MEMORY, GAUGE, BYTES, NONE, SUM,                                 \
      "process_resident_memory_bytes",                                         \
      "Memory that is in use.")                                                \
    X(PROCESS_DESCRIPTORS, GAUGE, COUNT, NONE, SUM, "process_open_fds",        \
      "Open descriptors.")                                                     \
    X(PROCESS_DESCRIPTORS_MAX, GAUGE, COUNT, NONE, NO, "process_max_fds",      \
      "Descriptors that may be open.")                                         \
    X(PROCESS_START, GAUGE, SECONDS, NONE, NO, "process_start_time_seconds",   \
      "When the process began, since 1970.")
/* clang-format on */

#endif
