/* The JSON object that a run ends with, on standard output. */
#ifndef CHAT_TESTS_BENCH_REPORT_H
#define CHAT_TESTS_BENCH_REPORT_H

#include <stdint.h>

void report_begin(void);
void report_text(const char *name, const char *text);
void report_count(const char *name, uint64_t count);
void report_number(const char *name, double number);
void report_end(void);

#endif
