/*
 * The error codes of the wire, and the error value that parsing and handling
 * return. `retry_ms` is on the wire exactly when `temporary` is set.
 */
#ifndef CHAT_PROTOCOL_ERROR_H
#define CHAT_PROTOCOL_ERROR_H

#include <stdbool.h>
#include <stdint.h>

enum chat__error_code {
    CHAT__ERROR_NONE,
    CHAT__ERROR_BAD_REQUEST,
    CHAT__ERROR_UNAUTHORIZED,
    CHAT__ERROR_HELLO_REQUIRED,
    CHAT__ERROR_FORBIDDEN,
    CHAT__ERROR_NOT_FOUND,
    CHAT__ERROR_NAME_TAKEN,
    CHAT__ERROR_KEY_CONFLICT,
    CHAT__ERROR_EPOCH_CHANGED,
    CHAT__ERROR_TOO_LARGE,
    CHAT__ERROR_RATE_LIMITED,
    CHAT__ERROR_BUSY,
    CHAT__ERROR_STORAGE,
    CHAT__ERROR_VERSION,
    CHAT__ERROR_UNKNOWN, /* read from a newer server; never written */
    CHAT__ERROR_COUNT
};

#define CHAT__ERROR_MESSAGE_BYTES 160

struct chat__error {
    enum chat__error_code code;
    bool temporary;
    uint32_t retry_ms;
    char message[CHAT__ERROR_MESSAGE_BYTES];
};

/* The name on the wire, such as "bad_request"; never NULL. */
const char *chat__error_name(enum chat__error_code code);

/* CHAT__ERROR_UNKNOWN for a name that this version does not know. */
enum chat__error_code chat__error_from_name(const char *name);

/* Fill in an error; the message tells the caller what to do. */
void chat__error_set(struct chat__error *error, enum chat__error_code code,
                     const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void chat__error_set_temporary(struct chat__error *error,
                               enum chat__error_code code, uint32_t retry_ms,
                               const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* `busy`, since an allocation failed. */
void chat__error_set_memory(struct chat__error *error);

#endif
